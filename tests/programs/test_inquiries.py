"""Questions before applying: who may ask, who answers, what is mailed, and that it stays between those two."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentoring.accounts.roles import AUDITOR, MANAGER, REVIEWER
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.staff import dashboard
from mentoring.workflow import TransitionRefused, edges
from programs.models import Inquiry, Program
from programs.models.inquiries import outcomes_to_tell
from tests import factories
from tests.mentoring.moves import reached

pytestmark = pytest.mark.django_db

QUESTION = "I finish my fellowship in June.\n\nMay I still apply?"
TYPED = {"name": "Vera Visitor", "email": "Vera@example.org", "situation": QUESTION}

# The whole table, written out: (transition, from, to).
EDGES = {("answer", "open", "answered"), ("close", "open", "closed")}


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet():
    cache.clear()


@pytest.fixture
def vmp():
    return factories.cycle("vmp").program


@pytest.fixture
def manager():
    return factories.staff(MANAGER, name="Morgan Manager")


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def inquiry(program, by=None, **facts):
    typed = {"name": "Vera Visitor", "email": "vera@example.org", "situation": QUESTION, **facts}
    if by:
        typed |= {"name": str(by), "email": by.email}
    return Inquiry.ask(program, by=by, **typed)


def mails(kind):
    return OutgoingEmail.objects.filter(kind=kind).order_by("id")


# --- The workflow ----------------------------------------------------------------------------------------------------


def test_the_table_is_the_one_written_here():
    assert edges(Inquiry) == EDGES


@pytest.mark.parametrize(
    ("status", "moves"),
    [("open", {"answer": "answered", "close": "closed"}), ("answered", {}), ("closed", {})],
)
def test_a_move_is_possible_only_from_where_the_table_says(vmp, manager, status, moves):
    row = inquiry(vmp)
    if status == "answered":
        row.answer(by=manager, text="Yes.")
    if status == "closed":
        row.close(by=manager, why="Spam.")
    every = {"answer": {"by": manager, "text": "Yes."}, "close": {"by": manager, "why": "Spam."}}

    assert reached(row, every) == moves


def test_an_answer_says_something_and_a_close_says_why(vmp, manager):
    row = inquiry(vmp)

    with pytest.raises(TransitionRefused, match="Write an answer"):
        row.answer(by=manager, text=" \n")
    with pytest.raises(TransitionRefused, match="Say why"):
        row.close(by=manager, why=" ")
    assert Inquiry.objects.get().status == "open"


def test_nobody_answers_their_own_question(vmp, manager):
    with pytest.raises(TransitionRefused, match="their own"):
        inquiry(vmp, by=manager).answer(by=manager, text="Yes.")


def test_what_happened_is_in_the_history(vmp, manager):
    row = inquiry(vmp)
    row.close(by=manager, why="Settled on the phone.")

    events = Event.objects.about(row).order_by("id").values_list("verb", "actor_name", "reason")
    assert list(events) == [("ask", "The portal", ""), ("close", "Morgan Manager", "Settled on the phone.")]


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE programs_inquiry SET status = 'lost'", "inquiry_status_is_known"),
        ("UPDATE programs_inquiry SET name = ''", "inquiry_says_who_and_what"),
        ("UPDATE programs_inquiry SET situation = ''", "inquiry_says_who_and_what"),
        ("UPDATE programs_inquiry SET email = 'a@example.org, b@example.org'", "inquiry_has_one_address"),
        ("UPDATE programs_inquiry SET email = ''", "inquiry_has_one_address"),
        ("UPDATE programs_inquiry SET status = 'answered'", "inquiry_answered_has_answer"),
        ("UPDATE programs_inquiry SET answer_text = 'Yes.'", "inquiry_answered_has_answer"),
        ("UPDATE programs_inquiry SET answered_at = now()", "inquiry_answered_has_answer"),
        (
            "UPDATE programs_inquiry SET status = 'answered', answered_at = now(), answer_text = 'Yes.'",
            "inquiry_answered_has_answer",
        ),
        ("UPDATE programs_inquiry SET status = 'closed'", "inquiry_closed_has_reason"),
        ("UPDATE programs_inquiry SET closed_because = 'Spam.'", "inquiry_closed_has_reason"),
    ],
)
def test_the_database_refuses(vmp, statement, constraint):
    inquiry(vmp)
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert refused.value.__cause__.diag.constraint_name == constraint


# --- Asking ----------------------------------------------------------------------------------------------------------


def test_a_visitor_asks_and_reads_what_was_sent(client, vmp, manager):
    response = client.post("/programs/vmp/ask/", TYPED, follow=True)

    assert response.redirect_chain == [("/programs/vmp/ask/sent/", 302)]
    row = Inquiry.objects.get()
    assert (row.name, row.email, row.person, row.status) == ("Vera Visitor", "vera@example.org", None, "open")
    assert row.situation == QUESTION
    page = response.content.decode()
    assert "I finish my fellowship in June." in page
    assert "You will get an answer by email." in page
    assert "usually" not in page
    (copy,) = mails("InquiryReceived")
    assert (copy.to_address, copy.recipient, copy.without_account) == ("vera@example.org", None, True)
    assert QUESTION in copy.text
    assert copy.text.startswith("Dear Vera Visitor,")
    (waiting,) = mails("InquiryWaiting")
    assert waiting.recipient == manager
    assert all(vmp.name not in mail.subject and vmp.abbreviation not in mail.subject for mail in (copy, waiting))


def test_how_soon_is_said_only_where_staff_say_it(client, vmp):
    Program.objects.filter(pk=vmp.pk).update(answer_time="a few working days")

    assert "Staff usually answer within a few working days." in client.get("/programs/vmp/ask/").content.decode()
    page = client.post("/programs/vmp/ask/", TYPED, follow=True).content.decode()
    assert "Staff usually answer within a few working days." in page
    assert "Staff usually answer within a few working days." in mails("InquiryReceived").get().text


def test_whoever_is_signed_in_types_the_question_only(vmp):
    person = factories.person("Sam Signed")
    response = client_of(person).post(
        "/programs/vmp/ask/", {"situation": QUESTION, "name": "Someone else", "email": "else@example.org"}
    )

    assert response.status_code == 302
    row = Inquiry.objects.get()
    assert (row.person, row.name, row.email) == (person, "Sam Signed", person.email)
    (copy,) = mails("InquiryReceived")
    assert (copy.recipient, copy.to_address, copy.without_account) == (person, person.email, False)


def test_what_the_check_said_goes_along_but_not_what_was_said_in_confidence(client):
    factories.cycle("dmp")
    client.post("/programs/dmp/eligibility/", {**factories.DMP_ANSWERS, "english": "no"})

    client.post("/programs/dmp/ask/", {**TYPED, "with_check": "on"})

    told = Inquiry.objects.get().check_outcomes
    assert {each["key"]: each["state"] for each in told} == {
        "enrolled": "met",
        "six_months": "met",
        "english": "not_met",
    }
    assert not any(each["sensitive"] for each in told)


def test_an_outcome_that_says_something_in_confidence_is_never_told():
    cycle = factories.cycle("dmp")
    told = outcomes_to_tell(cycle.judge(factories.DMP_ANSWERS))
    assert [each["key"] for each in told] == ["enrolled", "six_months", "english"]


def test_what_the_check_said_stays_where_it_is_when_the_box_is_cleared(client, vmp):
    client.post("/programs/vmp/eligibility/", factories.VMP_ANSWERS)
    client.post("/programs/vmp/ask/", TYPED)

    assert Inquiry.objects.get().check_outcomes == []


NONSENSE = [
    {"name": "", "email": "", "situation": ""},
    {"name": "\x01\x02", "situation": "\x01"},
    {"name": "Vera\nBcc: all@example.org", "email": "vera@example.org\nBcc: all@example.org"},
    {"email": "nobody"},
    {"email": '"a,b"@example.org'},
    {"email": "a@" + "ü" * 63 + ".org"},
    {"email": "a" * 60 + "@" + ".".join(["ü" * 40] * 6) + ".org"},
    {"name": "x" * 201},
    {"situation": "x" * 3001},
    {"situation": "a\x00b", "name": "a\x00b", "email": "a\x00@example.org"},
]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_told_beside_the_field_and_nothing_typed_is_lost(client, vmp, nonsense):
    typed = {**TYPED, "situation": "A question worth keeping.", **nonsense}
    response = client.post("/programs/vmp/ask/", typed)

    if response.status_code == 302:  # some of it can be cleaned
        assert "\n" not in Inquiry.objects.get().name
        return
    assert response.status_code == 422
    form = response.context["form"]
    page = response.content.decode()
    for field in form.errors:
        assert f'href="#id_{field}"' in page
        assert f'id="id_{field}_error"' in page
    assert form["situation"].value() == typed["situation"]
    assert not Inquiry.objects.exists()
    assert not OutgoingEmail.objects.exists()


@pytest.mark.parametrize(
    "text", ["{{ name }} {% now %} {{", "<script>alert(1)</script>", "-> Pay: https://example.org"]
)
def test_what_is_typed_is_text_and_nothing_else(client, vmp, manager, text):
    client.post("/programs/vmp/ask/", {**TYPED, "situation": text}, follow=True)

    row = Inquiry.objects.get()
    assert text in mails("InquiryReceived").get().text
    page = client_of(manager).get(reverse("admin:programs_inquiry_change", args=[row.pk])).content.decode()
    assert "<script>alert" not in page + mails("InquiryReceived").get().html


def test_nobody_asks_without_end_and_the_question_stays_in_the_form(client, vmp, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "ask": "3/h/ip"}
    for number in range(3):
        assert client.post("/programs/vmp/ask/", {**TYPED, "email": f"v{number}@example.org"}).status_code == 302

    response = client.post("/programs/vmp/ask/", TYPED)

    assert response.status_code == 429
    page = response.content.decode()
    assert "Please wait a little" in page
    assert vmp.contact_email in page
    assert "I finish my fellowship in June." in page
    assert Inquiry.objects.count() == 3


def test_one_address_gets_few_copies_whoever_asks(vmp):
    for number in range(5):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        assert client.post("/programs/vmp/ask/", TYPED).status_code == 302
    assert Client(REMOTE_ADDR="192.0.2.9").post("/programs/vmp/ask/", TYPED).status_code == 429
    assert mails("InquiryReceived").count() == 5


@pytest.mark.parametrize("address", ["/programs/vmp/", "/programs/vmp/eligibility/", "/programs/vmp/apply/",
                                     "/programs/vmp/mentor/"])  # fmt: skip
def test_every_page_of_a_program_leads_to_it(vmp, address):
    page = client_of(factories.person()).get(address).content.decode()
    assert 'href="/programs/vmp/ask/"' in page


@pytest.mark.parametrize("answers", [{}, {"membership": "neither"}, factories.VMP_ANSWERS])
def test_whatever_the_check_says_one_can_ask(client, vmp, answers):
    assert 'href="/programs/vmp/ask/"' in client.post("/programs/vmp/eligibility/", answers).content.decode()


def test_a_program_that_nobody_may_see_cannot_be_asked_about(client):
    assert client.get("/programs/nowhere/ask/").status_code == 404
    assert client.get("/programs/nowhere/ask/sent/").status_code == 404


# --- Who reads it ----------------------------------------------------------------------------------------------------


def test_only_the_browser_that_asked_sees_what_was_sent(client, vmp):
    client.post("/programs/vmp/ask/", TYPED)

    response = Client().get("/programs/vmp/ask/sent/")
    assert (response.status_code, response.url) == (302, "/programs/vmp/ask/")
    factories.cycle("dmp")
    assert client.get("/programs/dmp/ask/sent/").status_code == 302


def test_the_application_shows_its_owner_their_questions_and_nobody_elses(vmp, manager):
    owner, other = factories.person(), factories.person()
    inquiry(vmp, by=owner, situation="Asked while signed in.")
    before = inquiry(vmp, email=owner.email, situation="Asked before there was an account.")
    before.answer(by=manager, text="This is the answer.")
    inquiry(vmp, by=other, situation="What somebody else asked.")
    inquiry(factories.cycle("dmp").program, by=owner, situation="About another program.")
    cycle = vmp.cycles.get()
    for person, sees in ((owner, True), (other, False)):
        row = factories.application(cycle, person, in_status="submitted")
        page = client_of(person).get(row.get_absolute_url()).content.decode()
        assert ("Asked while signed in." in page) is sees
        assert ("This is the answer." in page) is sees
        assert ("What somebody else asked." in page) is not sees
        assert "About another program." not in page


def test_an_address_that_is_not_verified_opens_nothing(vmp):
    person = factories.person()
    person.emailaddress_set.update(verified=False)
    inquiry(vmp, email=person.email)
    assert not Inquiry.objects.for_person(person).exists()
    person.emailaddress_set.update(verified=True, email=person.email.title())
    assert Inquiry.objects.for_person(person).exists()


def test_somebody_elses_question_at_the_same_address_stays_theirs(vmp):
    """An account that asked keeps its question, whoever verifies its old address later."""
    first, second = factories.person(), factories.person()
    inquiry(vmp, by=first)
    first.emailaddress_set.all().delete()
    second.emailaddress_set.update(email=first.email)
    assert not Inquiry.objects.for_person(second).exists()


# --- Answering -------------------------------------------------------------------------------------------------------


def answer(client, row, text, **more):
    return client.post(reverse("admin:programs_inquiry_answer", args=[row.pk]), {"answer": text, **more})


def test_staff_see_the_mail_before_it_is_sent_and_send_exactly_that(vmp, manager):
    row, client = inquiry(vmp), client_of(manager)

    shown = answer(client, row, "Yes, you may.", move="preview")
    assert shown.status_code == 200
    assert "Dear Vera Visitor," in shown.content.decode()
    assert not mails("InquiryAnswered").exists()

    changed = answer(client, row, "No, you may not.", move="send", seen=shown.context["seen"])
    assert changed.status_code == 200
    assert not mails("InquiryAnswered").exists()

    sent = answer(client, row, "No, you may not.", move="send", seen=changed.context["seen"])
    assert sent.status_code == 302
    (mail,) = mails("InquiryAnswered")
    assert (mail.to_address, mail.text) == ("vera@example.org", changed.context["mail"][1])
    row.refresh_from_db()
    assert (row.status, row.answer_text, row.answered_by) == ("answered", "No, you may not.", manager)

    again = answer(client, row, "No, you may not.", move="send", seen=changed.context["seen"])
    assert "no longer be changed" in again.content.decode()
    assert mails("InquiryAnswered").count() == 1


@pytest.mark.parametrize("text", ["", " \n ", "\x01", "x" * 5001])
def test_an_answer_that_cannot_be_mailed_is_refused_in_words(vmp, manager, text):
    response = answer(client_of(manager), inquiry(vmp), text, move="preview")
    assert response.status_code == 422
    assert 'href="#id_answer"' in response.content.decode()


def test_a_question_is_closed_with_a_reason_and_nobody_is_told(vmp, manager):
    row, client = inquiry(vmp), client_of(manager)
    address = reverse("admin:programs_inquiry_close", args=[row.pk])
    before = OutgoingEmail.objects.count()

    assert client.post(address, {"why": ""}).status_code == 422
    assert client.post(address, {"why": "Spam."}).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.closed_because) == ("closed", "Spam.")
    assert OutgoingEmail.objects.count() == before


def test_mail_that_no_longer_holds_does_not_leave(vmp, manager):
    row = inquiry(vmp)
    waiting = mails("InquiryWaiting").get()
    assert waiting.obstacle() is None
    row.answer(by=manager, text="Yes.")
    assert waiting.obstacle()[0] == "cancelled"
    assert mails("InquiryReceived").get().obstacle() is None
    assert mails("InquiryAnswered").get().obstacle() is None


def test_a_reviewer_reads_and_does_not_answer(vmp):
    row, client = inquiry(vmp), client_of(factories.staff(REVIEWER))
    page = client.get(reverse("admin:programs_inquiry_change", args=[row.pk])).content.decode()
    assert "May I still apply?" in page
    assert "Send this answer" not in page + answer(client, row, "Yes.", move="preview").content.decode()
    assert answer(client, row, "Yes.", move="send").status_code == 403
    assert client.post(reverse("admin:programs_inquiry_close", args=[row.pk]), {"why": "x"}).status_code == 403
    auditor = client_of(factories.staff(AUDITOR))
    assert auditor.get(reverse("admin:programs_inquiry_change", args=[row.pk])).status_code == 403


def test_the_page_of_a_question_names_who_asks_and_their_applications(vmp, manager):
    person = factories.person("Ola Owner")
    cycle = vmp.cycles.get()
    handed_in = factories.application(cycle, person, in_status="submitted")
    drafting = factories.person("Dora Draft")
    factories.application(cycle, drafting)
    row = inquiry(vmp, email=person.email)
    client = client_of(manager)

    page = client.get(reverse("admin:programs_inquiry_change", args=[row.pk])).content.decode()
    assert reverse("admin:applications_application_change", args=[handed_in.pk]) in page
    assert "Was not signed in" in page
    other = inquiry(vmp, by=drafting)
    page = client.get(reverse("admin:programs_inquiry_change", args=[other.pk])).content.decode()
    assert "None handed in" in page


def test_staff_read_the_questions_with_the_application(vmp, manager):
    person = factories.person()
    inquiry(vmp, email=person.email, situation="Asked before there was an account.")
    inquiry(vmp, situation="What somebody else asked.")
    row = factories.application(vmp.cycles.get(), person, in_status="submitted")

    page = client_of(manager).get(reverse("admin:applications_application_change", args=[row.pk])).content.decode()
    assert "Asked before there was an account." in page
    assert "What somebody else asked." not in page


def test_the_dashboard_counts_open_questions_and_says_how_old_the_oldest_is(vmp, manager):
    inquiry(vmp).close(by=manager, why="Spam.")
    for days in (1, 4):
        row = inquiry(vmp)
        row.asked_at = timezone.now() - timedelta(days=days, hours=1)
        row.save(update_fields=["asked_at"])

    (queue,) = [each for each in dashboard.queues if each.title == "Questions to answer"]
    assert queue.rows().count() == 2
    client = client_of(manager)
    assert "The oldest was asked 4\xa0days ago." in client.get("/admin/").content.decode()
    listed = client.get(queue.url()).context["cl"].result_list
    assert [each.age for each in listed] == ["4\xa0days", "1\xa0day"]


def test_the_list_asks_as_much_of_the_database_with_thirty_rows_as_with_one(vmp, manager, django_assert_num_queries):
    client = client_of(manager)
    address = reverse("admin:programs_inquiry_changelist")
    inquiry(vmp)
    client.get(address)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(address)
    for _ in range(29):
        inquiry(vmp, by=factories.person())
    with django_assert_num_queries(LIST_QUERIES):
        assert len(client.get(address).context["cl"].result_list) == 30


LIST_QUERIES = 8
