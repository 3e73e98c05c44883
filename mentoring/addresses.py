"""What an address cannot hold: NUL, which no database keeps and nobody types."""

from django.core.exceptions import BadRequest


class NoNulMiddleware:
    """Refuse an address with NUL in its path or query, before anything looks a row up by it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "%00" in request.get_full_path():
            raise BadRequest("NUL in an address")
        return self.get_response(request)
