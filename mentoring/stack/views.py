"""Every email the embedded mail server took, for whoever tries the portal out. Never in production."""

from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

PER_PAGE = 50


class Mail:
    """One kept message. ``name`` is its file's, without the ending; its first part tells when it came."""

    def __init__(self, path, headers_only=False):
        self.name = path.stem
        with path.open("rb") as file:
            self.message = BytesParser(policy=policy.default).parse(file, headersonly=headers_only)

    @property
    def received_at(self):
        return datetime.fromtimestamp(int(self.name.split("-")[0]) / 1e9, UTC)

    @property
    def subject(self):
        return self.message["Subject"] or "(no subject)"

    @property
    def sender(self):
        return self.message["From"]

    @property
    def recipients(self):
        """The bare addresses, in small letters."""
        fields = self.message.get_all("To", []) + self.message.get_all("Cc", [])
        return [address.addr_spec.lower() for field in fields for address in field.addresses]

    @property
    def text(self):
        return self._part("plain")

    @property
    def html(self):
        return self._part("html")

    def _part(self, kind):
        part = self.message.get_body((kind,))
        return part.get_content() if part else ""


def kept():
    """The files of all kept messages, the newest first."""
    return sorted(Path(settings.MAIL_DIR).glob("[0-9]*.eml"), reverse=True)


def find(name):
    """The message of that name. Raises Http404."""
    for path in kept():
        if path.stem == name:
            return Mail(path)
    raise Http404("There is no such email.")


@require_safe
@login_not_required
def mail_list(request):
    """All messages, or with ``?to=`` those whose recipient's address contains it."""
    to = request.GET.get("to", "").strip().lower()
    mails = (Mail(path, headers_only=True) for path in kept())
    found = [mail for mail in mails if not to or any(to in address for address in mail.recipients)]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "stack/mail_list.html", {"page": page, "to": to})


@require_safe
@login_not_required
def mail_detail(request, name):
    return render(request, "stack/mail_detail.html", {"mail": find(name)})


@require_safe
@login_not_required
@xframe_options_sameorigin
def mail_html(request, name):
    """The HTML part alone, for a frame: no scripts, nothing loaded from elsewhere, links open in a new tab."""
    mail = find(name)
    if not mail.html:
        raise Http404("This email has no HTML part.")
    response = HttpResponse(mail.html)
    # Our own header in place of the portal's; the middleware would add its own to a response without one.
    response["Content-Security-Policy"] = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
        "style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    )
    return response
