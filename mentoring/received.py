"""When the server received a request: what every deadline is decided by."""

from datetime import UTC, datetime

from django.conf import settings
from django.utils import timezone


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
        return self.get_response(request)

    @staticmethod
    def told_by_proxy(request):
        if not settings.REQUEST_START_HEADER:
            return None
        told = request.headers.get(settings.REQUEST_START_HEADER, "")
        try:
            return datetime.fromtimestamp(float(told.removeprefix("t=")), UTC)
        except (ValueError, OverflowError, OSError):
            return None
