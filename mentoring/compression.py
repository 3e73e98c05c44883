"""Pages on their way to a phone: a fifth of the bytes."""

from django.middleware.gzip import GZipMiddleware


class CompressedPagesMiddleware(GZipMiddleware):
    """Compress pages. Not files, which are compressed already, and whose length is told beforehand.

    The length of a compressed page tells something of what is in it to who can make the page repeat their words. Django pads
    each by a random number of bytes against that, and masks the token that all pages hold anew each time.
    """

    def process_response(self, request, response):
        is_page = response.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response
