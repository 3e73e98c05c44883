"""Whatever is sent, people get an answer they can use: a sentence, beside the field and above the form, and what they typed.

Django's test client raises what a view lets through, so each request below is also a promise that there is no error 500.
"""

import html
import itertools
import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.merging import token
from applications.models import Application, MentorInterest
from matching.models import Pairing
from mentoring.accounts.models import Institution, User
from mentoring.accounts.roles import ADMINISTRATOR, MANAGER
from programs.models import WindowKind
from tests import factories

pytestmark = pytest.mark.django_db

NONSENSE = {
    "nothing": "",
    "blanks": "   ",
    "NUL": "a\x00b",
    "accents": "Ñandú O’Farrow D'Orsay",
    "emoji": "👩🏽‍⚕️ 🎗️",
    "markup": "<script>alert(1)</script>{{ settings }}{% now %}",
    "right to left": "\u202eabc\u2066",
    "300 letters": "Larkmoor " * 34,
    "a novel": "x" * 200_000,
    "a number": "-1",
    "a huge number": "9" * 40,
    "a date": "2024-02-30",
    "SQL": "' OR 1=1; --",
}
FAULTLESS = (200, 302)
REFUSED = (409, 422)


def client_of(person=None, **options):
    client = Client(**options)
    if person:
        client.force_login(person)
    return client


def shown(response):
    return html.unescape(response.content.decode())


class Form:
    """A form, with what it sends when it is filled in well."""

    def __init__(self, person, address, **data):
        self.person, self.address, self.data = person, address, data
        self.cookies = client_of(person).cookies

    @property
    def client(self):
        """A browser of its own each time, which is signed in already."""
        client = Client()
        client.cookies.update(self.cookies)
        return client

    def send(self, **changed):
        return self.client.post(self.address, {**self.data, **changed})

    def try_out(self, data, **options):
        """Send it, look at the answer, and take it back, so that the next one finds the same state."""
        with transaction.atomic():
            response = self.client.post(self.address, data, **options)
            transaction.set_rollback(True)
        return response


@pytest.fixture(scope="module")
def forms(shared_rows):
    """Every form that people or staff can fill in, by name."""
    cache.clear()
    manager, administrator = factories.staff(MANAGER), factories.staff(ADMINISTRATOR)
    cycle = factories.cycle("vmp")
    draft = factories.application(cycle)
    submitted = factories.application(
        cycle, in_status="submitted", rule_answers=factories.VMP_ANSWERS | {"membership": "applied"}
    )
    interest = factories.interest(cycle, in_status="submitted")
    mentee = factories.application(cycle, in_status="accepted", manager=manager)
    mentors = [factories.interest(cycle, manager=manager) for _ in range(3)]
    proposed = factories.pairing(in_status="proposed", manager=manager)
    drafted = factories.pairing(cycle, manager=manager)
    place = Institution.objects.first()
    stranger = factories.person()
    admin = {name: reverse(f"admin:{name}", args=args) for name, args in {
        "applications_application_decide": [submitted.pk],
        "applications_application_verify": [submitted.pk],
        "applications_mentorinterest_decide": [interest.pk],
        "applications_release": [cycle.pk],
        "matching_suggest": [cycle.pk],
        "matching_propose": [cycle.pk],
        "matching_choose": [mentee.pk],
        "matching_hold": [cycle.pk],
        "matching_note": [mentee.pk],
        "matching_scenarios": [cycle.pk],
        "matching_another": [proposed.pk],
        "matching_end": [drafted.pk],
        "notifications_emailtext_add": [],
        "accounts_institution_add": [],
        "programs_program_add": [],
    }.items()}  # fmt: skip
    return {
        "check": Form(None, "/programs/vmp/eligibility/", **factories.VMP_ANSWERS),
        "sign up": Form(None, reverse("account_signup"), name="Ada", email="ada@example.org",
                        password1="a-long-enough-one", password2="a-long-enough-one"),
        "sign in": Form(None, reverse("account_login"), login="ada@example.org", password="wrong"),
        "reset": Form(None, reverse("account_reset_password"), email="ada@example.org"),
        "profile": Form(stranger, reverse("account_profile"), name="Ada", degrees="MD", career_stage="fellow",
                        time_zone="America/New_York", institution=place.label, institution_choice=str(place.pk),
                        second_institution="",
                        next=""),
        "apply": Form(stranger, "/programs/vmp/apply/", anything="1"),
        "rules": Form(draft.applicant, f"/applications/{draft.pk}/eligibility/", version="0", **factories.VMP_ANSWERS),
        "answers": Form(draft.applicant, f"/applications/{draft.pk}/answers/", version="0", mentor_like="Anybody.",
                        **factories.ANSWERS),
        "mentor": Form(interest.mentor, interest.get_absolute_url(), places_offered="1", topics=["Teaching"],
                       specialty="Sarcoma", languages="English", profile="Glad to.", wishes="", most_in_all="2",
                       shown=["profile"], wished_stages=["fellow"], wished_topics=["Teaching"], preview="",
                       **factories.AGREED),
        "change mentoring": Form(mentors[0].mentor, f"/mentoring/{mentors[0].pk}/change/", move="pause"),
        "preferences": Form(mentee.applicant, mentee.preference_list.get_absolute_url(), hand_in="on", words="",
                            order=[str(each.pk) for each in mentors], add="", remove="", move_up="", move_down="",
                            no_preference=""),
        "pairing": Form(proposed.mentee, proposed.get_absolute_url(), answer="no", why="No time.", version="1"),
        "decide": Form(manager, admin["applications_application_decide"], outcome="waitlist", note="Later.",
                       seen=submitted.latest.receipt_number),
        "verify": Form(manager, admin["applications_application_verify"], rule="membership", note="By phone."),
        "does not hold": Form(manager, admin["applications_application_verify"], rule="membership", found="no",
                              note="Lapsed."),
        "approve": Form(manager, admin["applications_mentorinterest_decide"], move="approve", places="1",
                        seen=interest.version),
        "release": Form(manager, admin["applications_release"], seen=""),
        "suggest": Form(manager, admin["matching_suggest"], policy="on_list_first"),
        "propose": Form(manager, admin["matching_propose"], seen=""),
        "choose": Form(manager, admin["matching_choose"], interest=str(mentors[0].pk), seen="0-0", reason="", pin=""),
        "hold": Form(manager, admin["matching_hold"], kind="ban", application=str(mentee.pk),
                     interest=str(mentors[0].pk), reason="Kin."),
        "note": Form(manager, admin["matching_note"], words="By phone."),
        "scenario": Form(manager, admin["matching_scenarios"], name="One more", policy="on_list_first", longest_list="0",
                         interest="Ada", more="1", notes=""),
        "another": Form(manager, admin["matching_another"], seen="", interest=str(mentors[0].pk), why="Kin.", again="on"),
        "end": Form(manager, admin["matching_end"], why="A mistake.", workbench="1"),
        "wording": Form(manager, admin["notifications_emailtext_add"], kind="ApplicationReceived", scope="",
                        subject="Received", body="Thank you."),
        "institution": Form(manager, admin["accounts_institution_add"], name="Larkmoor", country="US"),
        "program": Form(manager, admin["programs_program_add"], name="New", abbreviation="N", slug="new", summary="One.",
                        purpose="One.", contact_name="Us", contact_email="us@example.org", apply_label="Go"),
        "person": Form(administrator, reverse("admin:accounts_user_add"), email="x@example.org", name="X",
                       usable_password="true", password1="a-long-enough-one", password2="a-long-enough-one"),
    }  # fmt: skip


@pytest.mark.slow
def test_no_nonsense_in_every_field_of_a_form_can_break_it(forms):
    for name, form in forms.items():
        for what, value in NONSENSE.items():
            response = form.try_out(dict.fromkeys(form.data, value))
            assert response.status_code in (*FAULTLESS, *REFUSED), f"{name}: {what}"


@pytest.mark.slow
def test_no_field_of_any_form_can_break_it(forms):
    """Each field alone, in a form that is right otherwise; the kinds of nonsense take turns over the fields."""
    turns = itertools.cycle(NONSENSE.items())
    for name, form in forms.items():
        for field in form.data:
            for what, value in itertools.islice(turns, 4):
                response = form.try_out({**form.data, field: value})
                assert response.status_code in (*FAULTLESS, *REFUSED), f"{name}, {field}: {what}"
                told = response.context and response.context.get("form")
                if response.status_code == 422 and told is not None and told.errors.get(field):
                    assert_told(response, field, value)


def assert_told(response, field, value):
    """The error stands in the summary, as a link to the field, and beside the field; what was typed is in it."""
    page, bound = shown(response), response.context["form"]
    assert f'id="{bound[field].auto_id}_error"' in page or "errorlist" in page
    if "/admin/" not in response.request["PATH_INFO"]:
        assert f'href="#{bound[field].auto_id}"' in page
        assert 'class="error-summary"' in page
    if getattr(bound[field].field.widget, "input_type", "textarea") in ("text", "email", "textarea"):
        assert value.replace("\x00", "").strip() in page.replace("\x00", "")


@pytest.mark.slow
def test_every_field_may_be_missing_or_come_twice(forms):
    for name, form in forms.items():
        assert form.try_out({}).status_code in (*FAULTLESS, *REFUSED), name
        for field, value in form.data.items():
            twice = {**form.data, field: [*([value] if isinstance(value, str) else value), "twice", "three times"]}
            assert form.try_out(twice).status_code in (*FAULTLESS, *REFUSED), f"{name}, {field}"


def test_a_form_without_its_token_is_sent_back_with_a_way_on(forms):
    for name, form in forms.items():
        response = client_of(form.person, enforce_csrf_checks=True).post(form.address, form.data)
        assert response.status_code == 403, name
        assert "Please send the form again" in shown(response)
        assert "what you typed should still be there" in shown(response)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"{", b"=&=&;;%%%zz%00"])
def test_a_body_that_is_no_form(forms, body):
    for name in ("profile", "rules", "answers", "mentor", "preferences", "pairing", "decide"):
        for kind in ("application/x-www-form-urlencoded", "application/json", "text/plain"):
            response = forms[name].try_out(body, content_type=kind)
            assert response.status_code in (*FAULTLESS, *REFUSED, 400), f"{name}, {kind}"


def test_a_broken_upload_is_a_bad_request(forms):
    form = forms["answers"]
    response = client_of(form.person).post(form.address, b"--x\r\nbroken", content_type="multipart/form-data")
    assert response.status_code == 400
    assert "This request could not be read" in shown(response)


# --- What was typed stays --------------------------------------------------------------------------------------------


def test_what_cannot_be_handed_in_is_kept_all_the_same(forms):
    form = forms["answers"]
    saw = {"base.goals": token(factories.ANSWERS["goals"]), "base.topics": token(factories.ANSWERS["topics"])}
    response = form.send(goals="Ñandú’s goals " + "x" * 4000, topics=["No such topic"], **saw)
    assert response.status_code == 422
    assert "Saved. Before you can hand in, these need another look" in shown(response)
    assert "Ñandú’s goals" in shown(response)
    draft = Application.objects.get(applicant=form.person)
    assert draft.answers["goals"].startswith("Ñandú’s goals")
    assert draft.answers["topics"] == ["No such topic"]


def test_nothing_that_people_type_is_taken_for_markup(forms):
    forms["profile"].send(name=NONSENSE["markup"])
    response = client_of(forms["profile"].person).get(reverse("home"))
    assert NONSENSE["markup"] not in response.content.decode()
    assert NONSENSE["markup"] in shown(response)


@pytest.mark.parametrize("name", ["Ñandú University", "O'Farrow’s Clinic", "🏥 Hospital", "L" * 300])
def test_an_institution_that_is_not_on_the_list_is_kept_as_typed(forms, name):
    assert forms["profile"].send(institution=name, institution_choice="new").status_code == 302
    assert Institution.objects.get(name=name).checked is False


def test_an_institution_with_too_long_a_name_is_told_of(forms):
    response = forms["profile"].send(institution="L" * 301, institution_choice="new")
    assert response.status_code == 422
    assert "This has 301 characters; at most 300 fit. Please shorten it." in shown(response)
    assert "L" * 301 in shown(response)


def test_a_refused_mentor_form_keeps_what_was_typed(forms):
    response = forms["mentor"].send(profile="Glad to help, O'Farrow.", places_offered="99")
    assert response.status_code == 422
    assert "Glad to help, O'Farrow." in shown(response)
    assert MentorInterest.objects.get(mentor=forms["mentor"].person).places_offered == 1


# --- Wrong state, wrong time, wrong person -----------------------------------------------------------------------------


def test_a_closed_window_says_when_it_closed():
    draft = factories.application(factories.cycle("dmp"))
    cycle = factories.move_window(draft.cycle, WindowKind.APPLICATIONS, closes_at=timezone.now() - timedelta(minutes=5))
    response = client_of(draft.applicant).post(f"/applications/{draft.pk}/review/")
    assert response.status_code == 409
    assert f"The deadline was {cycle.applications_window.closes_words}" in shown(response)
    late = client_of(factories.person()).post("/programs/dmp/apply/")
    assert late.status_code == 409
    assert "You cannot apply now" in shown(late)


def test_a_mentor_form_after_its_window_is_refused_and_kept():
    interest = factories.interest(in_status="draft")
    window = factories.move_window(
        interest.cycle, WindowKind.MENTOR_INTEREST, closes_at=timezone.now() - timedelta(minutes=5)
    ).mentor_window
    data = {
        "places_offered": "2",
        "topics": ["Teaching"],
        "languages": "English",
        "profile": "Typed.",
        **factories.AGREED,
    }
    response = client_of(interest.mentor).post(interest.get_absolute_url(), data)
    assert response.status_code == 409
    assert f"Mentor interest forms closed at {window.closes_words}." in shown(response)
    assert MentorInterest.objects.get(pk=interest.pk).profile == "Typed."


def test_a_list_of_mentors_after_its_window_is_refused():
    mentee = factories.application(in_status="accepted")
    mentor = factories.interest(mentee.cycle)
    factories.move_window(mentee.cycle, WindowKind.PREFERENCES, closes_at=timezone.now() - timedelta(minutes=5))
    data = {"hand_in": "on", "order": [mentor.pk]}
    response = client_of(mentee.applicant).post(mentee.preference_list.get_absolute_url(), data)
    assert response.status_code == 409
    assert "Preferences closed at" in shown(response)


def test_an_answer_after_the_reply_by_date_is_refused():
    pairing = factories.pairing(in_status="proposed")
    client = client_of(pairing.mentee)
    with time_machine.travel(pairing.respond_by):
        client.force_login(pairing.mentee)
        response = client.post(pairing.get_absolute_url(), {"answer": "yes", "version": 1})
    assert response.status_code == 409
    assert f"The time to answer ended at {pairing.respond_by_words}." in shown(response)


def test_an_old_link_to_an_answered_pairing_says_where_it_stands():
    pairing = factories.pairing(in_status="declined")
    response = client_of(pairing.mentee).post(pairing.get_absolute_url(), {"answer": "yes", "version": 1})
    assert response.status_code == 409
    assert "Staff are looking at this pairing." in shown(response)
    assert "said no" not in shown(response)


def test_a_withdrawn_application_can_no_longer_be_changed():
    application = factories.application(in_status="withdrawn")
    client = client_of(application.applicant)
    data = {"version": application.revision, "goals": "Too late."}
    response = client.post(f"/applications/{application.pk}/answers/", data, follow=True)
    assert "This application can no longer be changed." in shown(response)
    response = client.post(f"/applications/{application.pk}/review/")
    assert response.status_code == 409
    assert "This application is withdrawn" in shown(response)


def test_staff_who_come_second_read_why(forms):
    assert forms["approve"].send().status_code == 302
    response = client_of(forms["approve"].person).post(forms["approve"].address, forms["approve"].data, follow=True)
    assert "This mentor interest is approved, so it can no longer be changed in this way (approve)." in shown(response)


@pytest.mark.parametrize("address", ["/applications/{}/", "/pairings/{}/", "/preferences/{}/", "/mentoring/{}/"])
@pytest.mark.parametrize("number", ["0", "999999999", "9" * 30])
def test_a_number_that_nothing_has(address, number):
    response = client_of(factories.person()).get(address.format(number))
    assert response.status_code == 404
    assert_is_our_page(response, "This page is not here")


def test_somebody_elses_page_and_no_page_look_the_same():
    application, stranger = factories.application(), client_of(factories.person())
    address = application.get_absolute_url()
    theirs, nobodys = stranger.get(address), stranger.get("/applications/999999999/")
    assert theirs.status_code == nobodys.status_code == 404
    assert without_token(theirs) == without_token(nobodys)


def without_token(response):
    """The page but for what differs with each request."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", shown(response))


# No row has this number, and from 4,300 digits on Python reads none.
HUGE = ("9" * 40, "9" * 5000)


@pytest.mark.parametrize(
    "address",
    ["/?page=x", "/home/?x=%00", "/account/profile/?next=//evil.example.org", "/admin/applications/application/?q=%00",
     "/admin/applications/application/?p=-1",
     "/admin/applications/application/?no_such=1", "/admin/notifications/outgoingemail/?kind=x&status__exact=x",
     "/admin/audit/event/?at__year=abc", "/mail/?to=%00&page=x", "/admin/notifications/emailtext/preview/?kind=x",
     "/admin/applications/application/%00/change/", "/admin/matching/pairing/x/change/",
     "/admin/applications/mentorinterest/x/change/",
     *(f"/admin/{row}/{number}/change/" for row in ("applications/application", "matching/pairing") for number in HUGE),
     *(f"/admin/audit/event/?who={number}" for number in HUGE),
     *(f"/admin/programs/example/add/?cycle={number}" for number in ("²", *HUGE)),
     "/programs/nowhere/", "/programs/%00/", "/account/confirm-email/%00/", "/account/password/reset/key/zz-zz/"],
)  # fmt: skip
def test_an_address_that_was_tampered_with(address):
    response = client_of(factories.staff(MANAGER)).get(address)
    assert response.status_code in (200, 302, 400, 404)
    assert "Traceback" not in shown(response)


@pytest.mark.parametrize(
    "address",
    ["/programs/{slug}/rules/?cycle=a%00", "/programs/{slug}/rules/%00/", "/admin/audit/event/?verb=%00",
     "/admin/applications/application/?status__exact=%00", "/admin/programs/window/?kind__exact=%00",
     "/admin/applications/application/waivers/?email=%00"],
)  # fmt: skip
def test_an_address_with_a_nul_is_refused_and_reaches_no_query(address):
    address = address.format(slug=factories.cycle("vmp").program.slug)
    response = client_of(factories.staff(MANAGER)).get(address)
    assert_is_our_page(response, "This request could not be read")
    assert response.status_code == 400


@pytest.mark.parametrize("version", ["0", "x", "9" * 30, "-1", "\x00", "²"])
def test_a_receipt_of_a_version_that_is_not_there(version):
    application = factories.application(in_status="submitted")
    response = client_of(application.applicant).get(f"/applications/{application.pk}/receipt/", {"version": version})
    assert response.status_code in (200, 302, 400, 404)


def test_nobody_is_led_off_the_site_after_saving(forms):
    for target in ("//evil.example.org", "https://evil.example.org/", "javascript:alert(1)", "/\\evil.example.org"):
        response = forms["profile"].send(next=target)
        assert response.url == reverse("account_profile")


# --- Pages for errors -------------------------------------------------------------------------------------------------


def assert_is_our_page(response, title):
    page = shown(response)
    assert title in page
    assert "css/portal.css" in page
    assert "Traceback" not in page
    assert settings.SECRET_KEY not in page


def test_forbidden_is_our_page():
    response = client_of(factories.staff(ADMINISTRATOR)).get(reverse("admin:applications_application_changelist"))
    assert response.status_code == 403
    assert_is_our_page(response, "You cannot open this page")


def test_an_error_of_ours_is_our_page_and_shows_nothing_of_it(monkeypatch):
    def broken(person):
        raise RuntimeError("a secret of the database")

    monkeypatch.setattr("mentoring.portal.views.cards_for", broken)
    client = client_of(factories.person(), raise_request_exception=False)
    response = client.get(reverse("home"))
    assert response.status_code == 500
    assert_is_our_page(response, "Something went wrong on our side")
    assert "a secret of the database" not in shown(response)


def test_a_method_that_a_page_does_not_know():
    application = factories.application()
    response = client_of(application.applicant).get(f"/applications/{application.pk}/restore/")
    assert response.status_code == 405


def test_nothing_of_the_tries_was_stored(forms):
    """A form that is refused changes nothing but what is kept on purpose."""
    people, pairings = User.objects.count(), list(Pairing.objects.values("pk", "status").order_by("pk"))
    forms["sign up"].send(email="no address")
    forms["pairing"].send(answer="perhaps")
    forms["propose"].send(seen="something else")
    assert User.objects.count() == people
    assert list(Pairing.objects.values("pk", "status").order_by("pk")) == pairings
