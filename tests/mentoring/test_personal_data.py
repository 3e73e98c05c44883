"""What is held about a person: all of it is shown, can be taken away, and can be erased; and nothing new is forgotten."""

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from applications.models import Application, Decision, EarlierText, Submission
from matching.models import Pairing, SuggestedPair, SuggestionRun
from matching.models.notes import write_note
from mentoring.accounts.models import ErasureRequest, User
from mentoring.accounts.roles import ADMINISTRATOR
from mentoring.audit.models import Event, record
from mentoring.notifications.models import OutgoingEmail
from mentoring.portal import erasure
from mentoring.portal.held import HELD, OF_STAFF
from mentoring.workflow import TransitionRefused
from programs.models import Inquiry
from tests import factories

pytestmark = pytest.mark.django_db
CANARY = "Zephyrine Quillfeather"
SECRET = "to herd the marmalade badgers"
WRITTEN_BY_STAFF = "Should try again once well."


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


# --- Nothing is forgotten ----------------------------------------------------------------------------------------------------


def leading_to(models):
    """(model, field) of every foreign key in the portal that leads to one of the models."""
    return {
        (model._meta.label, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if (field.many_to_one or field.one_to_one or field.many_to_many)
        and not field.auto_created
        and field.related_model in models
    }


def test_every_model_that_leads_to_a_person_or_to_what_is_theirs_is_in_the_table():
    theirs = {held.model for held in HELD if held.model is not User} - {Event}
    found = leading_to({User}) | leading_to(theirs)
    told = {(held.model._meta.label, field) for held in HELD for field in held.by} | set(OF_STAFF)
    assert found - told == set(), "Say in mentoring/portal/held.py what these hold, and what erasing does to them"
    assert told - found == set(), "These are in the table and lead nowhere"


# --- A person with everything -----------------------------------------------------------------------------------------------


@pytest.fixture
def zephyrine():
    """Somebody with a past: declined once, withdrawn, a mentor whose mentorship is over, who asked and wrote a lot."""
    manager = factories.staff()
    person = factories.person(CANARY, email="zephyrine@quillfeather.example", degrees="MD")
    first = factories.application(factories.cycle("dmp"), person)
    first.save_draft(answers={"goals": SECRET})
    first.submit(by=person, received_at=timezone.now())
    factories.tell(first, "decline", manager)
    record("decide", first, by=manager, reason=WRITTEN_BY_STAFF)
    Decision.objects.filter(application=first).update(note=WRITTEN_BY_STAFF)
    write_note(first, WRITTEN_BY_STAFF, by=manager)
    pairing = factories.pairing(
        in_status="completed", mentor=factories.interest(factories.cycle("vmp"), person, profile=SECRET)
    )
    run = SuggestionRun.objects.create(cycle=pairing.cycle, policy="first", computed_by=manager)
    told = [f"First choice: {CANARY}, whose place goes to others."]
    run.pairs.create(application=pairing.application, interest=pairing.interest, because=f"First choice; {SECRET}")
    run.pairs.create(application=factories.application(pairing.cycle), because="Second choice", why_not=told)
    run.pairs.create(
        application=factories.application(pairing.cycle), because="First choice", why_not=["None is left."]
    )
    pairing.interest.withdraw(by=person)
    Inquiry.ask(first.cycle.program, by=person, name=CANARY, email=person.email, situation=SECRET)
    OutgoingEmail.objects.filter(recipient=person).update(status="sent", sent_at=timezone.now())
    return {"person": person, "application": first, "pairing": pairing}


def everything_stored():
    """Every row of every table as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_session'")
        rows = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows[table] = "\n".join(row for (row,) in cursor.fetchall())
    return rows


def where(text):
    return sorted(table for table, rows in everything_stored().items() if text.lower() in rows.lower())


def test_all_of_it_is_shown_and_comes_as_json_and_as_a_tagged_pdf(zephyrine):
    client = client_of(zephyrine["person"])
    page = client.get("/account/data/").content.decode()
    told = client.get("/account/data/download.json")
    document = client.get("/account/data/download.pdf").content
    for text in (CANARY, SECRET, zephyrine["application"].latest.receipt_number, zephyrine["person"].email):
        assert text in page
        assert text in told.content.decode()
    assert {each["what"] for each in json.loads(told.content)["held"]} == {held.title for held in HELD}
    assert b"pdfuaid:part" in document


def test_nobody_elses_and_nothing_of_the_staffs_is_shown(zephyrine):
    told = client_of(zephyrine["person"]).get("/account/data/download.json").content.decode()
    assert WRITTEN_BY_STAFF not in told
    assert SECRET not in client_of(factories.person()).get("/account/data/download.json").content.decode()


# --- Erasing ------------------------------------------------------------------------------------------------------------------


def test_erasing_leaves_no_name_no_address_and_no_word_and_every_decision(zephyrine):
    person, administrator = zephyrine["person"], factories.staff(ADMINISTRATOR)
    assert where(CANARY)
    assert where(SECRET)
    assert where(WRITTEN_BY_STAFF) == ["applications_decision", "audit_event", "matching_menteenote"]
    assert client_of(person).post("/account/data/erasure/", {"move": "ask", "words": SECRET})
    request = ErasureRequest.objects.get(person=person)
    before = list(Decision.objects.values_list("pk", "outcome", "decided_at", "submission__digest", "release"))

    page = client_of(administrator).post(f"/admin/accounts/erasurerequest/{request.pk}/decide/", {"move": "erase"})

    assert page.status_code == 302
    assert ErasureRequest.objects.get().status == "done"
    for text in (CANARY, "Quillfeather", SECRET, WRITTEN_BY_STAFF, "zephyrine@quillfeather.example"):
        assert where(text) == []
    assert list(Decision.objects.values_list("pk", "outcome", "decided_at", "submission__digest", "release")) == before
    assert Application.objects.get(pk=zephyrine["application"].pk).status == "declined"
    assert Pairing.objects.get(pk=zephyrine["pairing"].pk).status == "completed"
    assert not EarlierText.objects.filter(application__applicant=person).exists()
    # What a suggestion says of others stays, but for what names this person.
    assert set(SuggestedPair.objects.values_list("because", "why_not__0")) == {
        ("", None),
        ("Second choice", None),
        ("First choice", "None is left."),
    }
    call_command("verify_receipts")
    (event,) = Event.objects.filter(verb="erase")
    assert (event.actor_id, event.target_name) == (
        administrator.pk,
        f"request of Erased person {person.pk} to be erased",
    )
    erased = User.objects.get(pk=person.pk)
    assert (erased.is_active, erased.has_usable_password()) == (False, False)


@pytest.mark.parametrize("status", ["submitted", "accepted", "waitlisted"])
def test_nobody_is_erased_who_takes_part(status):
    application = factories.application(in_status=status)
    request = ErasureRequest.objects.create(person=application.applicant)
    with pytest.raises(TransitionRefused, match="they have to withdraw first"):
        erasure.erase(request, by=factories.staff(ADMINISTRATOR))
    assert ErasureRequest.objects.get().status == "open"
    application.withdraw(by=application.applicant)
    erasure.erase(request, by=factories.staff(ADMINISTRATOR))
    assert Submission.objects.get().answers == {}


def test_a_mentor_with_a_pairing_is_not_erased_and_neither_is_staff():
    pairing = factories.pairing(in_status="final")
    assert any("it has to end first" in each for each in erasure.obstacles(pairing.mentor))
    assert erasure.obstacles(factories.staff()) == ["This is a member of staff. Take their role away first."]


def test_what_was_handed_in_can_become_nothing_only_for_whom_it_is_said_and_only_altogether():
    mine, others = (factories.application(in_status="submitted") for _ in range(2))
    nothing = {
        "facts": {},
        "rule_answers": {},
        "answers": {},
        "commitments": [],
        "verdict": [],
        "erased_at": timezone.now(),
    }

    def refused(application, **values):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            Submission.objects.filter(application=application).update(**values)

    refused(mine, **nothing)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mentoring.erasing', %s, true)", [str(mine.applicant_id)])
        refused(others, **nothing)
        refused(mine, answers={})
        refused(mine, **{**nothing, "answers": {"goals": "Forged."}})
        refused(mine, **nothing, received_at=timezone.now() - timedelta(days=1))
        assert Submission.objects.filter(application=mine).update(**nothing) == 1
        cursor.execute("SELECT set_config('mentoring.erasing', '', true)")


def test_history_gives_way_in_its_wording_only_and_only_while_somebody_is_erased():
    Event.objects.create(verb="x", actor_name=CANARY, target_type="a.b", target_id="1", target_name="y")
    with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic():
        Event.objects.update(actor_name="Nobody")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mentoring.erasing', '1', true)")
        with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic():
            Event.objects.update(verb="z")
        Event.objects.update(actor_name="Nobody")
        cursor.execute("SELECT set_config('mentoring.erasing', '', true)")


def test_a_request_is_asked_for_once_taken_back_or_answered_with_a_reason():
    person, administrator = factories.person(), factories.staff(ADMINISTRATOR)
    client, address = client_of(person), "/account/data/erasure/"
    client.post(address, {"move": "ask"})
    client.post(address, {"move": "ask"})
    assert ErasureRequest.objects.count() == 1
    client.post(address, {"move": "take_back"})
    client.post(address, {"move": "ask"})
    open_one = ErasureRequest.objects.get(status="open")
    decide = f"/admin/accounts/erasurerequest/{open_one.pk}/decide/"
    client_of(administrator).post(decide, {"move": "refuse", "why": "The law asks us to keep it until June."})
    assert ErasureRequest.objects.get(pk=open_one.pk).status == "refused"
    assert "until June" in OutgoingEmail.objects.get(kind="ErasureRefused", recipient=person).text


def test_the_page_before_erasing_says_what_goes_and_what_stays(zephyrine):
    request = ErasureRequest.objects.create(person=zephyrine["person"])
    page = client_of(factories.staff(ADMINISTRATOR)).get(f"/admin/accounts/erasurerequest/{request.pk}/change/")
    read = page.content.decode()
    assert f"Request of {zephyrine['person']} to be erased</h1>" in read
    for held in HELD:
        assert held.title in read.replace("&#x27;", "'")
    assert "What was decided, when, and by which rules stays" in read
