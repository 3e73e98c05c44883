"""Pages go out small; files go out as they are."""

import gzip

import pytest

from tests import factories

pytestmark = pytest.mark.django_db

ACCEPTS = {"accept-encoding": "gzip, deflate, br"}


def test_a_page_is_compressed_for_who_can_read_it(client):
    cycle = factories.cycle()
    address = f"/programs/{cycle.program.slug}/"
    plain, small = client.get(address), client.get(address, headers=ACCEPTS)
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small["Vary"]
    assert len(small.content) < len(plain.content) / 2
    assert b"<h1" in gzip.decompress(small.content)


def test_no_two_compressed_pages_need_be_equally_long(client):
    cycle = factories.cycle()
    lengths = {len(client.get(f"/programs/{cycle.program.slug}/", headers=ACCEPTS).content) for _ in range(20)}
    assert len(lengths) > 5


def test_what_is_no_page_goes_out_as_it_is(client):
    cycle = factories.cycle()
    file = client.get(f"/programs/{cycle.program.slug}/dates.ics", headers=ACCEPTS)
    assert file.status_code == 200
    assert "Content-Encoding" not in file
