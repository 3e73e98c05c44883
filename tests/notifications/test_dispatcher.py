"""Sending: what the mail server said decides what becomes of an email, and nothing is sent twice."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from mentoring.notifications import dispatcher
from mentoring.notifications.models import LEASE, MOST_TRIES, OutgoingEmail
from mentoring.notifications.tasks import deliver
from tests.notifications.rows import new_person, row
from tests.notifications.sink import DROP

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliver_due():
    """Run a dispatcher and read the given rows again."""

    def run(*rows):
        dispatcher.deliver_due()
        for email in rows:
            email.refresh_from_db()

    return run


def make_due(email):
    email.next_attempt_at = timezone.now()
    email.save()


def test_a_sent_email_is_what_was_written(notice, sink, deliver_due):
    email = notice().queue()
    deliver_due(email)
    assert (email.status, email.attempts, email.last_error) == ("sent", 1, "")
    assert timezone.now() - email.sent_at < timedelta(minutes=1)
    assert sink.raw == [(email.to_address, email.as_bytes())]
    deliver_due(email)
    assert len(sink.raw) == 1


def test_lines_that_start_with_a_dot_arrive_whole(outgoing, sink, deliver_due):
    deliver_due(outgoing(text=".\n.hidden\n..\n"))
    assert sink.messages[0].get_content().splitlines() == [".", ".hidden", ".."]


def test_a_round_uses_one_connection(outgoing, sink, deliver_due):
    emails = [outgoing() for _ in range(5)]
    deliver_due(*emails)
    assert {email.status for email in emails} == {"sent"}
    assert sink.connections == 1


@pytest.mark.parametrize(
    ("stage", "reply", "status", "arrived"),
    [
        ("rcpt", "450 Mailbox busy", "retry", 0),
        ("data", "421 Closing", "retry", 0),
        ("dot", "451 Try again later", "retry", 0),
        ("rcpt", DROP, "retry", 0),
        ("rcpt", "550 No such person", "failed", 0),
        ("data", "554 Not from you", "failed", 0),
        ("dot", "552 Too big", "failed", 0),
        ("dot", DROP, "uncertain", 1),
        ("dot", "nonsense", "uncertain", 0),
    ],
)
def test_what_the_server_says_decides(stage, reply, status, arrived, outgoing, sink, deliver_due):
    email, other = outgoing(), outgoing()
    sink.script[email.to_address] = (stage, reply)
    deliver_due(email, other)
    assert email.status == status
    assert email.last_error
    assert (email.sent_at is None, email.attempts) == (True, 1)
    assert other.status == "sent"  # the next in line does not suffer
    assert sink.addresses.count(email.to_address) == arrived
    sink.script.clear()
    deliver_due(email)
    assert email.status == status  # not again, and not at once


def test_a_connection_that_breaks_in_the_middle_of_a_message_delivered_nothing(outgoing, sink, deliver_due):
    email = outgoing(text="Much to say.\n" * 400_000)  # more than the network holds on its way
    sink.script[email.to_address] = ("data", DROP)
    deliver_due(email)
    assert (email.status, sink.raw) == ("retry", [])


def test_tries_are_spaced_and_end(outgoing, sink, deliver_due):
    email, waits = outgoing(), []
    sink.script[email.to_address] = ("rcpt", "450 Mailbox busy")
    for _ in range(MOST_TRIES):
        assert email.status in {"queued", "retry"}
        deliver_due(email)
        waits.append(round((email.next_attempt_at - timezone.now()).total_seconds() / 60))
        make_due(email)
    assert waits[:6] == [1, 5, 15, 60, 60, 60]
    assert (email.status, email.attempts) == ("failed", MOST_TRIES)
    assert email.last_error == "Given up after 10 tries. 450 Mailbox busy"


def test_the_same_bytes_are_tried_again(outgoing, sink, deliver_due):
    email = outgoing(html="<p>News</p>")
    sink.script[email.to_address] = ("dot", DROP)
    deliver_due(email)
    sink.script.clear()
    email.resend(by=None)
    deliver_due(email)
    assert email.status == "sent"
    assert sink.raw[0] == sink.raw[1]


def test_nothing_leaves_after_its_time(outgoing, sink, deliver_due):
    now = timezone.now()
    over = outgoing(expires_at=now - timedelta(seconds=1))
    soon = outgoing(expires_at=now + timedelta(seconds=30))
    sink.script[soon.to_address] = ("rcpt", "450 Mailbox busy")
    deliver_due(over, soon)
    assert (over.status, soon.status) == ("expired", "expired")
    assert sink.raw == []


def test_a_nudge_that_comes_too_late_sends_nothing(outgoing, sink):
    email = outgoing(expires_at=timezone.now() - timedelta(seconds=1))
    deliver(email.pk)
    email.refresh_from_db()
    assert (email.status, sink.raw) == ("expired", [])


def test_mail_expires_while_the_server_is_away(outgoing, settings, deliver_due):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    email = outgoing(expires_at=timezone.now() - timedelta(seconds=1))
    deliver_due(email)
    assert email.status == "expired"


def test_a_server_that_is_away_costs_no_try(outgoing, sink, settings, deliver_due, caplog):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    email = outgoing()
    for _ in range(MOST_TRIES + 1):
        deliver_due(email)
    assert (email.status, email.attempts) == ("queued", 0)
    assert email.last_error.startswith("The mail server cannot be reached.")
    settings.EMAIL_PORT = port
    deliver_due(email)
    assert (email.status, email.last_error) == ("sent", "")


def test_nothing_leaves_before_its_time(notice, sink, deliver_due):
    email = notice().queue(not_before=timezone.now() + timedelta(hours=1))
    deliver_due(email)
    assert (email.status, sink.raw) == ("queued", [])
    make_due(email)
    deliver_due(email)
    assert email.status == "sent"


def test_it_leaves_only_while_its_subject_is_in_a_state_it_holds_for(notice, outgoing, sink, deliver_due):
    subject = outgoing(status="failed")
    kept = notice(about=subject, while_status=("failed", "uncertain")).queue()
    dropped = notice(about=subject, occasion="other", while_status=("uncertain",)).queue()
    any_state = notice(about=subject, occasion="any").queue()
    deliver_due(kept, dropped, any_state)
    assert (kept.status, dropped.status, any_state.status) == ("sent", "cancelled", "sent")
    assert dropped.last_error == "The email was failed by then, so it no longer held."
    assert len(sink.raw) == 2


def test_a_subject_may_turn_mail_down(notice, person, outgoing, sink, deliver_due, monkeypatch):
    asked = []

    def wants_mail(subject, kind, recipient):
        asked.append((subject, kind, recipient))
        return subject.subject == "Yes"

    monkeypatch.setattr(OutgoingEmail, "wants_mail", wants_mail, raising=False)
    yes, no = outgoing(status="failed", subject="Yes"), outgoing(status="failed", subject="No")
    kept, dropped = notice(about=yes).queue(), notice(about=no).queue()
    deliver_due(kept, dropped)
    assert (kept.status, dropped.status) == ("sent", "cancelled")
    assert asked == [(yes, "Notice", person), (no, "Notice", person)]


def test_it_does_not_leave_when_its_subject_or_its_recipient_is_gone(notice, outgoing, sink, deliver_due):
    gone, leaver = outgoing(status="failed"), new_person()
    about_gone, to_leaver = notice(about=gone).queue(), notice(recipient=leaver).queue()
    gone.delete()
    leaver.delete()
    deliver_due(about_gone, to_leaver)
    assert (about_gone.status, to_leaver.status) == ("cancelled", "cancelled")
    assert sink.raw == []


@pytest.mark.parametrize(
    "poison",
    [
        {"about_type": "nothing.here", "about_id": "1"},
        {"about_id": "not a number"},
        {"to_address": "ünïcode@example.org"},
        {"message_id": "<é@example.org>"},
    ],
)
def test_a_poison_email_does_not_stop_the_rest(poison, outgoing, sink, deliver_due, caplog):
    first, bad, last = outgoing(), outgoing(**poison), outgoing()
    deliver_due(first, bad, last)
    assert (first.status, bad.status, last.status) == ("sent", "failed", "sent")
    assert bad.last_error.startswith("This email cannot be sent as it is.")


def test_a_lease_that_ran_out_is_uncertain_and_not_sent_again(outgoing, sink, deliver_due):
    past = timezone.now() - timedelta(seconds=1)
    lost = outgoing(status="sending", attempts=1, lease_until=past)
    at_work = outgoing(status="sending", attempts=1, lease_until=timezone.now() + LEASE)
    deliver_due(lost, at_work)
    assert (lost.status, at_work.status) == ("uncertain", "sending")
    assert lost.last_error
    assert sink.raw == []


def test_a_slow_dispatcher_may_still_tell_the_truth(outgoing, deliver_due):
    outgoing()
    slow = OutgoingEmail.objects.claim()
    OutgoingEmail.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    slow.refresh_from_db()
    deliver_due()
    assert OutgoingEmail.objects.get().status == "uncertain"
    slow.settle("sent")
    assert OutgoingEmail.objects.get().status == "sent"


def test_a_dispatcher_whose_mail_was_taken_from_it_stays_silent(outgoing, caplog):
    outgoing()
    slow = OutgoingEmail.objects.claim()
    OutgoingEmail.objects.update(status="uncertain")
    OutgoingEmail.objects.get().resend(by=None)
    other = OutgoingEmail.objects.claim()
    slow.settle("failed", "too late")
    assert OutgoingEmail.objects.get().status == "sending"
    assert "too late to be recorded" in caplog.text
    other.settle("sent")
    assert OutgoingEmail.objects.get().status == "sent"


def test_a_nudge_sends_the_one_email_once(outgoing, sink):
    email, other = outgoing(), outgoing()
    deliver(email.pk)
    deliver(email.pk)
    deliver(0)
    assert sink.addresses == [email.to_address]
    other.refresh_from_db()
    assert other.status == "queued"


@pytest.mark.django_db(transaction=True)
def test_dispatchers_at_once_share_the_work(sink):
    person = new_person()
    OutgoingEmail.objects.bulk_create([row(person) for _ in range(60)])
    barrier = threading.Barrier(3)

    def work():
        barrier.wait(10)
        dispatcher.deliver_due()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(sink.addresses) == sorted(OutgoingEmail.objects.values_list("to_address", flat=True))
    assert set(OutgoingEmail.objects.values_list("status", "attempts")) == {("sent", 1)}
