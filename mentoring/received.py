"""When the server received a request: what every deadline is decided by."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpResponseBadRequest, UnreadablePostError
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
        try:
            if request.method == "POST" and self.was_held_back(request, since=now):
                request.received_at = timezone.now()
        except UnreadablePostError:
            return HttpResponseBadRequest("The rest of this request never came.")  # the sender is gone
        return self.get_response(request)

    @staticmethod
    def was_held_back(request, since):
        """Whether the body was kept from us for minutes after its head: what is in it may be younger than that.

        Time spent waiting for us, before our first line, is not held against anybody.
        """
        _ = request.body
        return timezone.now() - since > HELD_BACK

    @staticmethod
    def told_by_proxy(request):
        if not settings.REQUEST_START_HEADER:
            return None
        told = request.headers.get(settings.REQUEST_START_HEADER, "")
        try:
            return datetime.fromtimestamp(float(told.removeprefix("t=")), UTC)
        except (ValueError, OverflowError, OSError):
            return None
