"""Queueing: one event, one email; nothing without the event; the text as it will be sent."""

import socket
import threading
import time
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from celery import current_app
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from mentoring.notifications import dispatcher, tasks
from mentoring.notifications.email import Correspondent, Email, queue_account_mail, registry
from mentoring.notifications.models import EmailText, OutgoingEmail
from tests.notifications.rows import new_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def parsed():
    return lambda email: message_from_bytes(email.as_bytes(), policy=default)


def test_an_email_is_frozen_as_it_will_be_sent(notice, person, parsed, settings):
    subject_row = notice().about
    email = notice(about=subject_row, scope="vmp-2027", while_status=("failed",)).queue()
    assert email.subject == "News of the term"
    assert email.text.startswith("Dear Ana Ñandú,\n\nThis is a notice about the term. It runs over two lines.\n\n")
    assert "- paper\n- a pencil\n" in email.text
    assert "See it:\nhttps://example.org/2/" in email.text
    assert "You get this email because a test wrote it." in email.text
    assert (email.kind, email.scope, email.while_status) == ("Notice", "vmp-2027", ["failed"])
    assert (email.recipient, email.to_address) == (person, person.email)
    assert (email.about_type, email.about_id) == ("notifications.outgoingemail", str(subject_row.pk))
    message = parsed(email)
    assert message["To"] == person.email
    assert message["From"] == settings.DEFAULT_FROM_EMAIL
    assert message["Message-ID"] == email.message_id
    assert message["Date"].datetime == email.date.replace(microsecond=0)
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == email.text
    assert "Ana Ñandú" in message.get_body(("html",)).get_content()
    assert email.as_bytes() == OutgoingEmail.objects.get(pk=email.pk).as_bytes()


def test_values_are_escaped_in_html_and_only_there(notice):
    email = notice(subject="<script>alert(1)</script> & co").queue()
    assert "<script>" not in email.html
    assert "&lt;script&gt;" in email.html
    assert "<script>alert(1)</script> & co" in email.text


def test_the_same_event_is_told_once(notice, outgoing):
    about = outgoing(status="failed")
    assert notice(about=about).queue()
    assert notice(about=about).queue() is None
    assert notice(about=about, occasion="version-2").queue()
    assert notice(about=about, recipient=new_person()).queue()
    assert notice(about=outgoing(status="failed")).queue()
    assert OutgoingEmail.objects.filter(kind="Notice", subject="News of the term").count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_at_once_write_one_email(notice, outgoing):
    about, barrier, results = outgoing(status="failed"), threading.Barrier(2), []

    def event():
        with transaction.atomic():
            email = notice(about=about)
            barrier.wait(10)
            results.append(email.queue())
            time.sleep(0.1)  # hold the transaction open, so that the other's insert meets an uncommitted row
        connection.close()

    threads = [threading.Thread(target=event) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(result is None for result in results) == [False, True]
    assert OutgoingEmail.objects.filter(about_id=str(about.pk)).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_email_needs_a_transaction_and_shares_its_fate(notice, monkeypatch):
    nudged = []
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda args, **options: nudged.append(args))
    email = notice()
    with pytest.raises(RuntimeError, match="inside the transaction"):
        email.queue()
    with transaction.atomic():
        assert email.queue()
        transaction.set_rollback(True)
    assert not OutgoingEmail.objects.filter(dedupe_key=email.dedupe_key).exists()
    assert nudged == []
    with transaction.atomic():
        row = email.queue()
        assert nudged == []
    assert nudged == [(row.pk,)]


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_told_the_number_and_nothing_else(notice):
    current_app.control.purge()
    with transaction.atomic():
        email = notice().queue()
    with current_app.connection_for_read() as connection, connection.SimpleQueue("celery") as waiting:
        message = waiting.get(timeout=5)
        message.ack()
    assert message.headers["task"] == "mentoring.notifications.tasks.deliver"
    assert message.payload[:2] == [[email.pk], {}]


def test_every_placeholder_needs_a_value(notice):
    with pytest.raises(ValueError, match="no value for thing"):
        notice(thing="  ").queue()
    with pytest.raises(ValueError, match="no value for thing"):
        notice(thing=None).queue()
    with pytest.raises(ValueError, match="knows no colour"):
        notice(colour="red").queue()
    with pytest.raises(ValueError, match="occasion"):
        notice(occasion="").queue()


def test_a_person_without_a_name_is_greeted_by_address(notice):
    person = new_person(name="")
    assert notice(recipient=person).queue().text.startswith(f"Dear {person.email},")


def test_somebody_without_an_account_is_written_to_once_for_each_event(notice, outgoing, parsed):
    about = outgoing(status="failed")
    email = notice(recipient=Correspondent("Vera Visitor", "vera@example.org"), about=about).queue()
    assert (email.recipient, email.without_account, email.to_address) == (None, True, "vera@example.org")
    assert email.text.startswith("Dear Vera Visitor,")
    assert parsed(email)["To"] == "vera@example.org"
    assert email.obstacle() is None
    assert notice(recipient=Correspondent("V. Visitor", "Vera@Example.org"), about=about).queue() is None
    assert notice(recipient=Correspondent("Vera Visitor", "other@example.org"), about=about).queue()
    assert notice(recipient=Correspondent("Vera", "vera@example.org"), about=about, occasion="version-2").queue()


def test_the_longest_address_has_room_in_the_dedupe_key(notice):
    longest = "a" * 242 + "@example.org"
    assert notice(recipient=Correspondent("Vera", longest)).queue().to_address == longest


def test_mail_to_an_account_that_was_deleted_does_not_leave_as_if_there_never_was_one(notice):
    person = new_person()
    email = notice(recipient=person).queue()
    person.delete()
    email.refresh_from_db()
    assert email.obstacle() == ("cancelled", "The account it was for has been deleted.")


def test_two_kinds_cannot_share_a_name(Notice):
    with pytest.raises(TypeError, match="Two kinds of email are called Notice"):
        type("Notice", (Email,), {"template": "x.txt", "__module__": "elsewhere.emails"})
    assert registry["Notice"] is Notice


def test_shipped_texts_are_sound():
    errors = {kind: email.errors(*email.shipped()) for kind, email in registry.items()}
    assert {kind: found for kind, found in errors.items() if found} == {}
    unexplained = [kind for kind, email in registry.items() if not email.purpose() or not email.reason]
    assert unexplained == []


def test_a_shipped_text_with_a_wrong_placeholder_is_found(Notice):
    Notice.placeholders = {"subject": "x", "thing": "y"}
    assert "knows no {{ link }}" in Notice.errors(*Notice.shipped())["body"][0]


def test_staff_wording_wins_and_the_most_specific_first(notice, Notice):
    assert notice(scope="vmp-2027").queue().subject == "News of the term"
    EmailText.objects.create(kind="Notice", scope="", subject="Ours for all", body="{{ thing }}")
    EmailText.objects.create(kind="Notice", scope="vmp-2027", subject="Ours for 2027", body="{{ thing }}")
    EmailText.objects.create(kind="Other", scope="dmp-2027", subject="Not this", body="{{ thing }}")
    assert notice(scope="vmp-2027").queue().subject == "Ours for 2027"
    assert notice(scope="dmp-2027").queue().subject == "Ours for all"
    assert notice(scope="").queue().subject == "Ours for all"


def test_a_wording_that_no_longer_fits_does_not_stop_the_event(notice, caplog):
    EmailText.objects.create(kind="Notice", subject="Ours", body="{{ renamed }}")
    assert notice().queue().subject == "News of the term"
    assert "no longer fits" in caplog.text


def test_mail_about_signing_in_is_queued_each_time(person, parsed):
    first = queue_account_mail(person, person.email, "account/email/password_reset_key", "Reset\n it", "Go: https://x/")
    again = queue_account_mail(person, person.email, "account/email/password_reset_key", "Reset it", "Go: https://x/")
    nobody = queue_account_mail(None, "eve@example.org", "account/email/unknown_account", "Hello", "No account.")
    assert (first.kind, nobody.kind) == ("AccountPasswordResetKey", "AccountUnknownAccount")
    assert first.pk != again.pk
    assert parsed(first)["Subject"] == "Reset it"
    assert parsed(first).get_content_type() == "multipart/alternative"
    assert nobody.obstacle() is None
    assert (first.without_account, nobody.without_account) == (False, True)


@pytest.mark.django_db(transaction=True)
def test_mail_about_signing_in_needs_no_transaction():
    assert queue_account_mail(None, "eve@example.org", "email_confirmation", "Hello", "https://x/").pk


def test_secret_links_are_erased(person, outgoing):
    now = timezone.now()
    ago = {hours: now - timedelta(hours=hours) for hours in (0.5, 2, 30)}
    old = outgoing(kind="AccountX", status="sent", sent_at=ago[2], queued_at=ago[30])
    given_up = outgoing(kind="AccountX", status="failed", queued_at=ago[30])
    kept = [
        outgoing(kind="AccountX", status="sent", sent_at=ago[0.5], queued_at=ago[0.5]),
        outgoing(kind="AccountX", status="retry", queued_at=ago[30]),
        outgoing(kind="AccountX", status="failed", queued_at=ago[2]),
        outgoing(kind="Notice", status="sent", sent_at=ago[2], queued_at=ago[30]),
    ]
    tasks.purge_account_mail()
    for email in [old, given_up, *kept]:
        email.refresh_from_db()
    assert (old.text, given_up.text) == ("", "")
    assert all(email.text for email in kept)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broker", ["refusing", "silent"])
def test_without_a_broker_pages_are_quick_and_mail_still_leaves(broker, notice, monkeypatch, sink, caplog):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if broker == "silent":
            server.listen(50)
        monkeypatch.setattr(current_app.conf, "broker_url", f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        started = time.monotonic()
        with transaction.atomic():
            first = notice().queue()
        first_took, started = time.monotonic() - started, time.monotonic()
        for _ in range(5):
            with transaction.atomic():
                notice().queue()
        rest_took = time.monotonic() - started
    assert first_took < 2.5
    assert rest_took < 0.5
    assert caplog.text.count("No broker") == 1
    dispatcher.deliver_due()
    first.refresh_from_db()
    assert first.status == "sent"
    assert len(sink.raw) == 6


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "lost"},
        {"status": "sent"},
        {"sent_at": "2026-01-01T00:00Z"},
        {"status": "sending"},
        {"to_address": "a@example.org, b@example.org"},
        {"to_address": "a@example.org\nBcc: b@example.org"},
        {"to_address": "nobody"},
        {"to_address": ""},
        {"subject": "Hi\r\nBcc: b@example.org"},
        {"subject": ""},
        {"message_id": "plain"},
        {"text": ""},
        {"about_id": ""},
        {"kind": ""},
        {"without_account": True},
    ],
)
def test_the_database_refuses(broken, outgoing):
    email = outgoing()
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        OutgoingEmail.objects.filter(pk=email.pk).update(**broken)


def test_the_database_refuses_a_second_row_of_one_event(outgoing):
    email = outgoing()
    for field in ("dedupe_key", "message_id"):
        with pytest.raises(IntegrityError), transaction.atomic():
            outgoing(**{field: getattr(email, field)})


def test_lists_for_the_dashboard(outgoing):
    long_ago = timezone.now() - timedelta(minutes=6)
    failed, uncertain = outgoing(status="failed"), outgoing(status="uncertain")
    late = [outgoing(not_before=long_ago), outgoing(status="retry", not_before=long_ago)]
    outgoing()
    outgoing(not_before=timezone.now() + timedelta(days=1), queued_at=long_ago)
    outgoing(status="cancelled", not_before=long_ago)
    assert set(OutgoingEmail.objects.troubled()) == {failed, uncertain}
    assert set(OutgoingEmail.objects.late()) == set(late)
