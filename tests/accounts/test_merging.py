"""Two rows that are one institution become one: nothing is lost, all is on record, and no open pairing comes too near."""

import io
import json

import pytest

from matching.models import Pairing
from mentoring.accounts import registry
from mentoring.accounts.loading import Loading
from mentoring.accounts.merging import merge
from mentoring.accounts.models import Alias, Institution
from mentoring.audit.models import Event
from mentoring.workflow import TransitionRefused
from tests import factories
from tests.accounts.test_loading import of, record, ror

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return factories.staff()


def test_everything_moves_and_is_on_record(client, manager):
    gone = factories.institution("MD Andersen", is_medical_school=True, degrees=["MD"], checked=False)
    kept = factories.institution("MD Anderson", parent=gone)
    below, partner = factories.institution(parent=gone), factories.institution()
    gone.affiliates.add(partner, kept)
    Alias.objects.create(institution=gone, name="MDA")
    Alias.objects.create(institution=kept, name="mda")
    one, both = factories.person("Ada", at=gone), factories.person("Ben", at=gone)
    both.affiliations.create(institution=kept)
    client.force_login(manager)
    url = f"/admin/accounts/institution/{gone.pk}/merge/"

    assert "MD Anderson, United States" in client.get(url, {"q": "md ander"}).content.decode()
    page = client.get(url, {"into": kept.pk}).content.decode()
    assert all(told in page for told in ("Ada", "Ben", str(below), str(partner), "MD Andersen"))
    assert Institution.objects.filter(pk=gone.pk).exists()
    assert client.post(url, {"into": kept.pk}).url == f"/admin/accounts/institution/{kept.pk}/change/"

    kept.refresh_from_db()
    below.refresh_from_db()
    assert not Institution.objects.filter(pk=gone.pk).exists()
    assert [list(person.institutions.all()) for person in (one, both)] == [[kept], [kept]]
    assert (below.parent, kept.parent, list(kept.affiliates.all())) == (kept, None, [partner])
    assert [each.name for each in kept.aliases.all()] == ["MD Andersen", "mda"]
    assert (kept.is_medical_school, kept.degrees) == (True, ["MD"])
    (event,) = Event.objects.about(kept).filter(verb="merge")
    assert event.actor_name == str(manager)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("status", ["drafted", "proposed", "confirmed"])
def test_a_merge_that_would_bring_an_open_pairing_together_is_refused_in_a_sentence(client, manager, status):
    pairing = factories.pairing(in_status=status, manager=manager)
    (gone,), (kept,) = pairing.mentee.institutions.all(), pairing.mentor.institutions.all()
    client.force_login(manager)
    url = f"/admin/accounts/institution/{gone.pk}/merge/"

    assert f"{pairing.mentee} with {pairing.mentor}" in client.get(url, {"into": kept.pk}).content.decode()
    page = client.post(url, {"into": kept.pk})

    assert "A pairing that waits for an answer stands against this change" in page.content.decode()
    assert (list(pairing.mentee.institutions.all()), Institution.objects.filter(pk=gone.pk).exists()) == ([gone], True)
    assert Pairing.objects.get(pk=pairing.pk).status == status


def test_what_stands_below_the_other_s_own_parent_cannot_swallow_it(manager):
    top = factories.institution()
    low = factories.institution(parent=factories.institution(parent=top))
    with pytest.raises(TransitionRefused, match="stands above the one you chose"):
        merge(top, low, by=manager)
    with pytest.raises(TransitionRefused, match="into itself"):
        merge(top, top, by=manager)


def test_the_registrys_next_file_does_not_bring_it_back(manager):
    file = [record(1, "Larkmoor"), record(2, "Larkmoor Hosp.", parent=[1]), record(3, "Wing", parent=[2])]

    def load():
        Loading().run(registry.records(io.StringIO(json.dumps(file))))

    load()
    merge(of(2), of(1), by=manager)
    load()
    assert not Institution.objects.filter(ror_id=ror(2)).exists()
    assert (of(1).merged_ror_ids, of(3).parent) == ([ror(2)], of(1))


def test_what_a_merge_moved_stays_whatever_the_registrys_next_file_says(manager):
    file = [record(1, "Larkmoor"), record(2, "Larkmoor System"), record(3, "Larkmoor University")]

    def load():
        Loading().run(registry.records(io.StringIO(json.dumps(file))))

    load()
    typed = factories.institution("Larkmoor Hosp.", parent=of(2), checked=False)
    typed.affiliates.add(of(3))
    merge(typed, of(1), by=manager)
    load()
    assert (of(1).parent, list(of(1).affiliates.all())) == (of(2), [of(3)])


def test_what_people_added_is_left_alone_by_the_registrys_file():
    here = factories.institution("Larkmoor", city="Elsewhere", checked=False, parent=factories.institution("Above"))
    here.affiliates.add(beside := factories.institution("Beside"))
    person = factories.person(at=here)
    before = Institution.objects.filter(pk=here.pk).values().get()
    Loading().run(registry.records(io.StringIO(json.dumps([record(1, "Larkmoor"), record(2, "Above", child=[1])]))))
    assert Institution.objects.filter(pk=here.pk).values().get() == before
    assert list(here.affiliates.all()) == [beside]
    assert list(person.institutions.all()) == [here]
