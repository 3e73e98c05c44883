"""One message to one person over SMTP, and how far it got.

Django's mail backend tells that sending failed, not when, and what the outbox does next depends on that: before the
final dot nothing was delivered, and the message may be tried again; after it, without an answer, nobody can know
(RFC 1047).
"""

import contextlib
import re
import smtplib
import socket
import ssl
from email.utils import parseaddr

from django.conf import settings
from django.core.mail.utils import DNS_NAME

# Seconds to find the server. Shorter than EMAIL_TIMEOUT, so that a server that is away does not hold a worker for long.
CONNECT_TIMEOUT = 10


class MailServerAway(Exception):
    """No connection: nothing was tried."""


class Postponed(Exception):
    """Surely not delivered, and worth another try."""


class Refused(Exception):
    """Surely not delivered, and refused for good."""


class Unconfirmed(Exception):
    """Handed over, but not answered: it may have been delivered."""


class MailServer:
    """A connection that serves several messages. Use as a context manager; ``connect`` before each ``send``."""

    def __init__(self):
        self._smtp = None

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.quit()

    def connect(self):
        """Open the connection unless it is open. Raises MailServerAway."""
        if self._smtp and self._smtp.sock:
            return
        try:
            self._smtp = _open()
        except (OSError, ValueError) as error:
            raise MailServerAway(describe(error)) from error

    def quit(self):
        """Say goodbye, if anyone is there."""
        if self._smtp:
            with contextlib.suppress(OSError):
                self._smtp.quit()
            self._smtp = None

    def send(self, message: bytes, recipient: str):
        """Send one message, whose lines end in CRLF. Raises Postponed, Refused or Unconfirmed."""
        handed_over = False
        try:
            _expect(self._smtp.mail(parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
            _expect(self._smtp.rcpt(recipient))
            _expect(self._smtp.docmd("DATA"), wanted=3)
            self._smtp.send(re.sub(rb"(?m)^\.", b"..", message))
            handed_over = True
            # The dot travels alone, so that a connection that breaks before it is known to have delivered nothing.
            self._smtp.send(b".\r\n")
            _expect(self._smtp.getreply(), handed_over=True)
        except (Postponed, Refused):
            self.quit()
            raise
        except Exception as error:
            self._smtp.close()
            if handed_over:
                raise Unconfirmed(describe(error)) from error
            if isinstance(error, OSError):
                raise Postponed(describe(error)) from error
            raise


def _open():
    where = {"host": settings.EMAIL_HOST, "port": settings.EMAIL_PORT, "local_hostname": str(DNS_NAME)}
    if settings.EMAIL_USE_SSL:
        smtp = smtplib.SMTP_SSL(**where, timeout=CONNECT_TIMEOUT, context=ssl.create_default_context())
    else:
        smtp = smtplib.SMTP(**where, timeout=CONNECT_TIMEOUT)
    try:
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
        if settings.EMAIL_HOST_USER:
            smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        smtp.sock.settimeout(settings.EMAIL_TIMEOUT)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _expect(answer, wanted=2, handed_over=False):
    code, reply = answer
    said = f"{code} {reply.decode('utf-8', 'replace')}"
    if code // 100 == wanted:
        return
    if code // 100 == 5:
        raise Refused(said)
    if code // 100 == 4 or not handed_over:
        raise Postponed(said)
    raise smtplib.SMTPException(said)  # an answer nobody can read, after the final dot


def describe(error):
    """The error in words, for staff."""
    return f"{type(error).__name__}: {error}"
