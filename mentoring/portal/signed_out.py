"""What was typed outlives the session: a form that comes in after it ended is handed back, to be sent again.

Nothing of it is stored. The page carries the fields themselves, so only the browser that sent them has them.
"""

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.shortcuts import render

# Passwords and codes are not handed back, and staff's forms show what they change before they change it.
NEVER = ("/account/", "/admin/")
# A person's own facts hold no secret that opens anything.
YET = ("/account/profile/",)
AGAIN = "portal/send_again.html"


class KeepTypedMiddleware(LoginRequiredMiddleware):
    """Asks whoever is signed out to sign in; what they sent is kept on the page that says so.

    A view that has a page of its own for visitors names it as ``for_visitors``; who comes to look gets that.
    """

    def handle_no_permission(self, request, view_func):
        page = getattr(view_func, "for_visitors", None)
        if page and request.method in ("GET", "HEAD") and request.headers.get("X-Requested-With") != "autosave":
            return page(request, **request.resolver_match.kwargs)
        if not may_hand_back(request):
            return super().handle_no_permission(request, view_func)
        return hand_back(request, status=401)


def may_hand_back(request):
    """Whether the request is a form that people sent, and none whose fields are secret. A file must be chosen again."""
    return (
        request.method == "POST"
        and (request.path_info.startswith(YET) or not request.path_info.startswith(NEVER))
        and request.headers.get("X-Requested-With") != "autosave"
        and "HX-Request" not in request.headers
    )


def comes_from_here(request):
    """Whether the browser says that one of our own pages sent it. No other site can make it say so."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def hand_back(request, status):
    """The page with every posted field, and a fresh token."""
    fields = [
        (name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
    ]
    context = {
        "fields": fields,
        "action": request.get_full_path(),
        "files": [each.name for each in request.FILES.values()],
    }
    response = render(request, AGAIN, context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
