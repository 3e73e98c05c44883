"""Takes emails from the outbox and sends them. Any number of dispatchers may work at once; any may die at any time."""

import logging
from time import monotonic

from django.db import OperationalError

from mentoring.notifications.models import EmailStatus, OutgoingEmail
from mentoring.notifications.smtp import MailServer, MailServerAway, Postponed, Refused, Unconfirmed

logger = logging.getLogger(__name__)

# Seconds one round may last; what is left then, the next round sends.
ROUND = 60
# Mails over one connection; servers close one that carries too many.
PER_CONNECTION = 50


def deliver(pk):
    """Send this one email, if it is due."""
    _send_all(OutgoingEmail.objects.filter(pk=pk))


def deliver_due():
    """Set aside what is lost or too late, then send all that is due."""
    OutgoingEmail.objects.give_up_lost()
    OutgoingEmail.objects.drop_expired()
    _send_all(OutgoingEmail.objects.all())


def _send_all(rows):
    stop = monotonic() + ROUND
    while monotonic() < stop and rows.due().exists():
        try:
            if not _send_some(rows, stop):
                return
        except MailServerAway as error:
            # Nothing was claimed and no try is used up, so all of it leaves as soon as the server is back.
            note = f"The mail server cannot be reached. {error}"
            rows.due().exclude(last_error=note[:500]).update(last_error=note[:500])
            logger.error("Mail is waiting. %s", note)
            return


def _send_some(rows, stop):
    """Send over one connection; False when nothing was left to take."""
    with MailServer() as server:
        for _ in range(PER_CONNECTION):
            # Before the claim: who holds a claim must need nothing but the send itself.
            server.connect()
            row = rows.claim() if monotonic() < stop else None
            if row is None:
                return False
            _attempt(row, server)
    return True


def _attempt(row, server):
    try:
        if obstacle := row.obstacle():
            row.settle(*obstacle)
            return
        server.send(row.as_bytes(), row.to_address)
    except (Postponed, OperationalError) as error:
        row.postpone(str(error))
    except Refused as error:
        row.settle(EmailStatus.FAILED, str(error))
    except Unconfirmed as error:
        row.settle(EmailStatus.UNCERTAIN, f"It was handed over, but the server did not say that it took it. {error}")
    except Exception as error:
        # Its own fault, and before anything was handed over (``send`` sees to that): the others must not wait for it.
        logger.exception("Email %s cannot be sent", row.pk)
        row.settle(EmailStatus.FAILED, f"This email cannot be sent as it is. {type(error).__name__}: {error}")
    else:
        row.settle(EmailStatus.SENT)
