"""The outbox's tasks. They carry ids only, and each is harmless when it is missed, doubled or late."""

import logging
from time import monotonic

from celery import shared_task
from kombu.exceptions import KombuError
from kombu.pools import producers

from mentoring.celery import app
from mentoring.notifications import dispatcher
from mentoring.notifications.models import OutgoingEmail

logger = logging.getLogger(__name__)

# Seconds a page waits for a broker that does not answer, and how long none is asked again after that.
BROKER_TIMEOUT = 1
BROKER_REST = 30


@shared_task(expires=60)
def deliver(pk):
    """Send one email, if it is due."""
    dispatcher.deliver(pk)


@shared_task(expires=10)
def deliver_due():
    """Send all that is due. Beat asks every few seconds, so a lost nudge is only lateness."""
    dispatcher.deliver_due()


@shared_task
def purge_account_mail():
    """Erase the secret links in old mail about signing in."""
    OutgoingEmail.objects.purge_account_mail()


class Nudge:
    """Tells a worker of a row that waits for ``task``. Never raises and never holds a page for long.

    When the broker is away it is left alone for half a minute; the row's turn comes when beat next looks what is due.
    """

    def __init__(self, task, waiting):
        self.task, self.waiting = task, waiting
        self.resting_until = 0.0

    def __call__(self, pk):
        if monotonic() < self.resting_until:
            return
        try:
            with producers[_connection()].acquire(block=True, timeout=BROKER_TIMEOUT) as producer:
                self.task.apply_async((pk,), producer=producer, retry=False)
        except (KombuError, OSError) as error:
            self.resting_until = monotonic() + BROKER_REST
            logger.warning("No broker to tell of %s, which waits for the next round: %s", self.waiting, error)


def _connection():
    connection = app.connection_for_write()
    connection.transport_options = {**connection.transport_options, "socket_timeout": BROKER_TIMEOUT}
    return connection


nudge = Nudge(deliver, "new mail")
