"""What a mentor reads of a mentee: what the mentee was told when handing in, and nothing else."""

import re
from datetime import UTC, datetime
from importlib import import_module

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from applications.models import Application
from matching.shown import shared_answers
from mentoring.notifications.models import OutgoingEmail
from programs import next_cycle
from programs.eligibility.kinds import FOR_MENTOR, FOR_STAFF
from programs.load import load_all
from programs.models import Cycle, Question, Wording
from programs.models.rules import FILES, QuestionKind
from tests import factories
from tests.programs.admin_forms import as_shown

pytestmark = pytest.mark.django_db
SECRET = "My last mentor left me alone."
# An answer to each kind of question, and how a mentor would read it.
ANSWERED = {
    "short": ("In May.", "In May."),
    "long": (SECRET, SECRET),
    "one_of": ("Monday", "Monday"),
    "several": (["Monday", "Friday"], "Monday; Friday"),
    "yes_no": ("yes", "Yes"),
    "number": ("7", "7"),
    "date": ("2027-03-01", "2027-03-01"),
    "topics": (["Leadership"], "Leadership"),
    "document": ("CV.pdf, 1 page, SHA-256 0", "CV.pdf, 1 page, SHA-256 0"),
    "portrait": ("Me.jpg, SHA-256 0", "Me.jpg, SHA-256 0"),
}


def asking(kind="long", *, for_mentor, made=None):
    """A cycle that asks, beside its own questions, one more."""
    made = made or factories.cycle()
    Question.objects.create(
        cycle=made, key="more", kind=kind, text="One more?", options=["Monday", "Friday"], position=9, required=False,
        for_mentor=for_mentor,
    )  # fmt: skip
    return Cycle.objects.get(pk=made.pk)


def accepted(made, kind="long"):
    answers = {**factories.ANSWERS, "more": ANSWERED[kind][0]}
    return factories.application(made, answers=answers, in_status="accepted")


def shared(mentee):
    """(question, answer) as the mentor of a pairing with this mentee reads them."""
    return shared_answers(factories.pairing(mentee=mentee))


def set_flag(made, value):
    Question.objects.filter(cycle=made, key="more").update(for_mentor=value)
    return Cycle.objects.get(pk=made.pk)


def review_of(application):
    return f"{application.get_absolute_url()}review/"


def hand_in_as_shown(client, application):
    """What a browser sends of the review page as it was when ``shown`` was taken."""
    page = client.get(review_of(application)).content.decode()
    return {**factories.CONFIRMED, "for_mentor": re.findall(r'name="for_mentor" value="(\w+)"', page)}


# --- Who reads it ----------------------------------------------------------------------------------------------------


def test_every_kind_of_question_is_tried():
    assert set(ANSWERED) == set(QuestionKind.values)


@pytest.mark.parametrize("kind", [kind for kind in ANSWERED if kind not in FILES])
def test_the_mentor_reads_what_is_for_mentors(kind):
    assert ("One more?", ANSWERED[kind][1]) in shared(accepted(asking(kind, for_mentor=True), kind))


@pytest.mark.parametrize("kind", list(ANSWERED))
def test_the_mentor_reads_nothing_of_what_is_for_staff(kind, client):
    mentee = accepted(asking(kind, for_mentor=False), kind)
    pairing = factories.pairing(mentee=mentee, in_status="proposed")
    client.force_login(pairing.mentor)
    page = client.get(pairing.get_absolute_url()).content.decode()
    assert "To find my way." in page
    assert "One more?" not in page
    assert ANSWERED[kind][1] not in page.replace("Leadership</dd>", "") or kind in ("yes_no", "number")


@pytest.mark.parametrize("status", ["proposed", "confirmed", "final", "active", "completed", "ended_early"])
def test_no_page_or_mail_of_a_pairing_ever_shows_it(client, status):
    pairing = factories.pairing(mentee=accepted(asking(for_mentor=False)), in_status=status)
    client.force_login(pairing.mentor)
    assert SECRET not in client.get(pairing.get_absolute_url()).content.decode()
    assert SECRET not in client.get("/home/").content.decode()
    assert not [mail for mail in OutgoingEmail.objects.exclude(recipient=pairing.mentee) if SECRET in mail.text]


@pytest.mark.parametrize("for_mentor", [True, False])
def test_staff_see_before_they_propose_what_the_mentor_reads(client, for_mentor):
    pairing = factories.pairing(mentee=accepted(asking(for_mentor=for_mentor)))
    client.force_login(factories.staff())
    page = client.get(f"/admin/matching/pairing/workbench/{pairing.cycle.pk}/propose/").content.decode()
    assert (SECRET in page) is for_mentor


def test_a_mentor_to_whom_nothing_is_written_is_told_so(client):
    made = factories.cycle()
    Question.objects.filter(cycle=made).update(for_mentor=False)
    pairing = factories.pairing(Cycle.objects.get(pk=made.pk), in_status="proposed")
    client.force_login(pairing.mentor)
    assert (
        "Nothing in this application was written for mentors" in client.get(pairing.get_absolute_url()).content.decode()
    )


# --- What the mentee is told -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["answers", "review"])
def test_the_mentee_reads_beside_each_question_who_reads_the_answer(client, page):
    application = factories.application(factories.cycle())
    client.force_login(application.applicant)
    shown = client.get(f"{application.get_absolute_url()}{page}/").content.decode()
    # Goals and topics are for the mentor; what the mentor should be like is not.
    assert (shown.count(FOR_MENTOR), shown.count(FOR_STAFF)) == (2, 1)


def test_nothing_of_it_is_said_beside_a_rule(client):
    application = factories.application(factories.cycle())
    client.force_login(application.applicant)
    shown = client.get(f"{application.get_absolute_url()}eligibility/").content.decode()
    assert FOR_MENTOR not in shown
    assert FOR_STAFF not in shown


def test_the_receipt_keeps_who_was_said_to_read_it(client):
    made = asking(for_mentor=False)
    application = accepted(made)
    set_flag(made, value=True)
    client.force_login(application.applicant)
    receipt = client.get(f"{application.get_absolute_url()}receipt/").content.decode()
    assert (receipt.count(FOR_MENTOR), receipt.count(FOR_STAFF)) == (2, 2)


# --- When it changes -------------------------------------------------------------------------------------------------


def test_what_was_handed_in_for_staff_stays_for_staff():
    made = asking(for_mentor=False)
    mentee = accepted(made)
    set_flag(made, value=True)
    assert SECRET not in dict(shared(mentee)).values()


def test_what_was_handed_in_for_the_mentor_stays_so():
    made = asking(for_mentor=True)
    mentee = accepted(made)
    set_flag(made, value=False)
    assert SECRET in dict(shared(mentee)).values()


def test_who_hands_in_again_agrees_to_what_the_page_says_then(client):
    application = factories.application(asking(for_mentor=False), answers={**factories.ANSWERS, "more": SECRET})
    application.submit(by=application.applicant, received_at=timezone.now())
    set_flag(application.cycle, value=True)
    application = Application.objects.get()
    application.save_draft(answers={"goals": "Another way."})
    client.force_login(application.applicant)
    assert client.post(review_of(application), hand_in_as_shown(client, application)).status_code == 302
    first, second = application.submissions.order_by("number")
    kept = [each.asked.get(wording__key="more").wording.for_mentor for each in (first, second)]
    assert kept == [False, True]


def test_a_page_that_said_staff_only_hands_in_for_staff_only(client):
    application = factories.application(asking(for_mentor=False), answers={**factories.ANSWERS, "more": SECRET})
    client.force_login(application.applicant)
    as_it_was = hand_in_as_shown(client, application)
    set_flag(application.cycle, value=True)
    assert client.post(review_of(application), as_it_was).status_code == 302
    told = {each.wording.key: each.wording.for_mentor for each in application.submissions.get().asked.all()}
    assert (told["more"], told["goals"]) == (False, True)


def test_a_page_that_said_the_mentor_reads_it_opens_nothing_that_is_for_staff_now(client):
    application = factories.application(asking(for_mentor=True), answers={**factories.ANSWERS, "more": SECRET})
    client.force_login(application.applicant)
    as_it_was = hand_in_as_shown(client, application)
    assert "more" in as_it_was["for_mentor"]
    set_flag(application.cycle, value=False)
    client.post(review_of(application), as_it_was)
    assert not application.submissions.get().asked.get(wording__key="more").wording.for_mentor


def test_from_before_wordings_were_kept_nothing_is_read_by_a_mentor():
    mentee = accepted(asking(for_mentor=True))
    mentee.latest.asked.all().delete()
    assert shared(mentee) == []


@time_machine.travel(datetime(2023, 12, 1, 12, tzinfo=UTC))
def test_staff_set_it_with_the_question_and_read_that_earlier_answers_stay(client):
    load_all()
    made = asking(for_mentor=False, made=Cycle.objects.get(slug="vmp-2024"))
    factories.application(made, in_status="submitted")
    client.force_login(factories.staff())
    change = f"/admin/programs/cycle/{made.pk}/change/"
    data = as_shown(client.get(change))
    more = next(name.removesuffix("-key") for name, value in data.items() if value == "more")
    saved = client.post(change, {**data, f"{more}-for_mentor": "on"}, follow=True).content.decode()
    assert "is read by whom they were told then." in saved
    assert Question.objects.get(cycle=made, key="more").for_mentor
    factories.application(Cycle.objects.get(pk=made.pk), in_status="submitted")
    overview = client.get(f"/admin/programs/cycle/{made.pk}/overview/").content.decode()
    earlier, now = overview.index(f"One more?</b> {FOR_STAFF}"), overview.index(f"One more?</b> {FOR_MENTOR}")
    assert earlier < now


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_never_for_the_mentor(client, kind):
    made = asking(kind, for_mentor=False)
    client.force_login(factories.staff())
    change = f"/admin/programs/cycle/{made.pk}/change/"
    data = as_shown(client.get(change))
    more = next(name.removesuffix("-key") for name, value in data.items() if value == "more")
    refused = client.post(change, {**data, f"{more}-for_mentor": "on"}).content.decode()
    assert "Files are for staff only, so no mentor reads this answer." in refused


def test_next_years_cycle_asks_with_the_same_readers():
    made = asking(for_mentor=True)
    Question.objects.filter(cycle=made, key="goals").update(for_mentor=False)
    new = next_cycle.proposal(made, 1, 52)
    new.slug = "next-year"
    copy = next_cycle.copy(made, new, [], by=factories.staff(), weeks=52)
    assert dict(copy.questions.values_list("key", "for_mentor")) == {
        "goals": False, "topics": True, "mentor_like": False, "more": True,
    }  # fmt: skip


def test_people_who_were_told_in_the_help_of_the_question_keep_their_word():
    made = factories.cycle()
    Question.objects.filter(cycle=made).update(for_mentor=False)
    Question.objects.filter(cycle=made, key="goals").update(
        help="Reviewers read this, and a mentor who is proposed to you reads it too."
    )
    factories.application(Cycle.objects.get(pk=made.pk), in_status="submitted")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(import_module("programs.migrations.0012_for_mentor").KEEP)
    assert list(Question.objects.filter(for_mentor=True).values_list("key", flat=True)) == ["goals"]
    assert list(Wording.objects.filter(for_mentor=True).values_list("key", flat=True)) == ["goals"]
