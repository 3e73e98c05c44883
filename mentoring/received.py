"""When the server received a request: what every deadline is decided by."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone

# A slow line takes seconds for a form; longer than this is no line.
HELD_BACK = timedelta(seconds=60)


class ReceivedAtMiddleware:
    """Note ``request.received_at`` before any other work is done.

    A trusted proxy may tell when it began to receive the request (seconds since the epoch, milliseconds after a dot,
    with an optional ``t=`` before them, in the header that REQUEST_START_HEADER names). A time in the future, or one that
    cannot be read, is not believed.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        now = timezone.now()
        request.received_at = min(now, self.told_by_proxy(request) or now)
        if request.method == "POST":
            self.read_whole(request)
        return self.get_response(request)

    @staticmethod
    def read_whole(request):
        """A form that was held back for minutes counts from when it was there: what is in it may be younger than its head."""
        _ = request.body
        there = timezone.now()
        if there - request.received_at > HELD_BACK:
            request.received_at = there

    @staticmethod
    def told_by_proxy(request):
        if not settings.REQUEST_START_HEADER:
            return None
        told = request.headers.get(settings.REQUEST_START_HEADER, "")
        try:
            return datetime.fromtimestamp(float(told.removeprefix("t=")), UTC)
        except (ValueError, OverflowError, OSError):
            return None
