"""When a request is held to have come in: its first instant here, what a trusted proxy says, or when its body was whole."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from django.test import RequestFactory

from mentoring.received import ReceivedAtMiddleware

NOON = datetime(2027, 1, 21, 12, tzinfo=UTC)


def received(request):
    """What the middleware notes, and what a view then reads of the body."""
    return ReceivedAtMiddleware(lambda request: (request.received_at, request.body))(request)


class SlowBody(BytesIO):
    """A body that takes a while to come."""

    def __init__(self, body, clock, takes):
        super().__init__(body)
        self.clock, self.takes = clock, takes

    def read(self, *args):
        self.clock.shift(self.takes)
        return super().read(*args)


class BrokenBody(BytesIO):
    def read(self, *args):
        raise OSError("gone")


def post(body, **headers):
    request = RequestFactory().post("/", content_type="text/plain", data=b"text", **headers)
    request._stream = body
    return request


def test_a_request_is_received_at_its_first_instant():
    with time_machine.travel(NOON, tick=False):
        assert received(RequestFactory().get("/"))[0] == NOON


@pytest.mark.parametrize(
    ("told", "held_to_be"),
    [
        (f"t={NOON.timestamp() - 90}", NOON - timedelta(seconds=90)),
        (f"{NOON.timestamp() - 1.5}", NOON - timedelta(seconds=1.5)),
        (f"t={NOON.timestamp() + 90}", NOON),
        ("t=soon", NOON),
        ("t=1e400", NOON),
        ("", NOON),
    ],
)
def test_a_trusted_proxy_is_believed_of_the_past_only(settings, told, held_to_be):
    settings.REQUEST_START_HEADER = "X-Request-Start"
    with time_machine.travel(NOON, tick=False):
        assert received(RequestFactory().get("/", headers={"X-Request-Start": told}))[0] == held_to_be


def test_without_a_trusted_proxy_the_header_is_nothing():
    with time_machine.travel(NOON, tick=False):
        request = RequestFactory().get("/", headers={"X-Request-Start": f"t={NOON.timestamp() - 3600}"})
        assert received(request)[0] == NOON


@pytest.mark.parametrize(("seconds", "late"), [(5, False), (59, False), (61, True)])
def test_a_body_that_is_held_back_counts_from_when_it_is_whole(seconds, late):
    with time_machine.travel(NOON, tick=False) as clock:
        at, body = received(post(SlowBody(b"text", clock, timedelta(seconds=seconds))))

    assert body == b"text"
    assert (at > NOON) is late


def test_waiting_for_us_is_not_held_against_anybody(settings):
    settings.REQUEST_START_HEADER = "X-Request-Start"
    with time_machine.travel(NOON, tick=False):
        told = {"HTTP_X_REQUEST_START": f"t={NOON.timestamp() - 600}"}
        assert received(post(BytesIO(b"text"), **told))[0] == NOON - timedelta(minutes=10)


def test_a_sender_who_is_gone_is_no_error_of_ours():
    assert received(post(BrokenBody(b""))).status_code == 400
