"""The mentor interest form keeps what is typed, and never changes what was handed in unless it is handed in again."""

import pytest
from django.utils import timezone

from applications.checklist import checked
from applications.models import MentorInterest
from programs.models import Cycle
from tests import factories

pytestmark = pytest.mark.django_db
FORM = "/programs/vmp/mentor/"
HALF = {
    "places_offered": "3",
    "topics": ["Teaching", "No such topic"],
    "specialty": "Thoracic oncology",
    "languages": [],
    "profile": "",
}
WHOLE = {"places_offered": "2", "topics": ["Teaching"], "specialty": "", "languages": "English", "profile": "Glad to.",
         "wishes": "", **factories.AGREED}  # fmt: skip
SCRIPT = {"X-Requested-With": "autosave"}


@pytest.fixture
def mentor(client):
    factories.cycle("vmp")
    person = factories.person("Maya Mentor")
    client.force_login(person)
    return person


def only():
    return MentorInterest.objects.get()


def test_what_can_be_read_of_a_form_that_is_refused_is_kept(client, mentor):
    response = client.post(FORM, HALF)

    draft = only()
    assert response.status_code == 422
    assert (draft.status, draft.places_offered, draft.specialty, draft.languages) == (
        "draft",
        3,
        "Thoracic oncology",
        [],
    )
    assert draft.topics == []  # one of them cannot be read


def test_the_way_to_the_profile_keeps_what_was_typed_and_leads_back(client, mentor):
    response = client.post(FORM, {**HALF, "open_profile": "on", "topics": ["Teaching"]})

    assert response.url == f"/account/profile/?next={only().get_absolute_url()}"
    assert only().topics == ["Teaching"]
    assert client.get(FORM).url == only().get_absolute_url()


def test_the_address_of_the_program_takes_what_is_typed_over_a_draft(client, mentor):
    factories.interest(Cycle.objects.get(), mentor, in_status="draft", specialty="Lymphoma")

    response = client.post(FORM, {**WHOLE, "specialty": "Thoracic oncology", "agreed": ""})

    assert response.status_code == 422
    assert only().specialty == "Thoracic oncology"
    assert "Thoracic oncology" in response.content.decode()


def test_the_page_s_script_saves_and_two_windows_notice_each_other(client, mentor):
    first = client.post(FORM, {**HALF, "version": ""}, headers=SCRIPT).json()
    second = client.post(FORM, {**HALF, "specialty": "Lymphoma", "version": first["version"]}, headers=SCRIPT)
    stale = client.post(FORM, {**HALF, "specialty": "Sarcoma", "version": first["version"]}, headers=SCRIPT)

    assert first["saved"].startswith("Saved ")
    assert (second.status_code, stale.status_code) == (200, 409)
    assert "not saved over it" in stale.json()["message"]
    assert only().specialty == "Lymphoma"


@pytest.mark.parametrize(
    ("status", "kept"),
    [("draft", True), ("withdrawn", True), ("submitted", False), ("approved", False), ("paused", False),
     ("declined", False)],
)  # fmt: skip
def test_what_was_handed_in_is_never_changed_by_typing(client, status, kept):
    interest = factories.interest(in_status=status, specialty="Lymphoma")
    client.force_login(interest.mentor)

    response = client.post(interest.get_absolute_url(), {**WHOLE, "specialty": "Thoracic oncology"}, headers=SCRIPT)

    assert response.status_code == (200 if kept else 409)
    after = only()
    assert (after.specialty, after.status) == ("Thoracic oncology" if kept else "Lymphoma", status)


def test_a_refused_change_leaves_what_was_handed_in(client):
    interest = factories.interest(in_status="submitted", specialty="Lymphoma")
    client.force_login(interest.mentor)

    assert (
        client.post(interest.get_absolute_url(), {**WHOLE, "specialty": "Thoracic oncology", "profile": ""}).status_code
        == 422
    )

    assert only().specialty == "Lymphoma"


def test_what_is_missing_in_the_profile_is_said_before_the_form(client):
    factories.cycle("vmp")
    client.force_login(factories.person(stage=""))
    page = client.get(FORM).content.decode()
    told = page.index(
        "Please complete your profile first: your career stage. Until then this form cannot be handed in."
    )
    assert told < page.index("How many mentees could you take on")


def test_who_is_no_mentor_here_is_told_before_the_form(client):
    factories.cycle("vmp")
    client.force_login(factories.person(stage="resident"))
    assert "Your profile says otherwise. Until then" in client.get(FORM).content.decode()


def test_an_earlier_offer_fills_what_is_empty_and_nothing_else(client, mentor):
    earlier = factories.interest(
        factories.cycle("dmp"), mentor, profile="I like to teach.", specialty="Thoracic oncology", languages=["English", "Spanish"],
        wishes="Residents.", topics=["Teaching", "Only there"], manager=factories.staff(),
    )  # fmt: skip
    assert f"Use what you wrote for the {earlier.cycle}" in client.get(FORM).content.decode()

    response = client.post(
        FORM, {"places_offered": "1", "specialty": "Lymphoma", "languages": "English", "use": "earlier"}
    )

    draft = MentorInterest.objects.get(status="draft")
    assert response.url == draft.get_absolute_url()
    assert (draft.specialty, draft.profile, draft.wishes) == ("Lymphoma", "I like to teach.", "Residents.")
    assert (draft.languages, draft.topics) == (["English", "Spanish"], ["Teaching"])
    assert (draft.agreed, draft.status) == (False, "draft")
    assert "Use what you wrote" not in client.get(draft.get_absolute_url()).content.decode()


def test_the_offer_of_somebody_else_is_not_offered(client, mentor):
    factories.interest(factories.cycle("dmp"))
    assert "Use what you wrote" not in client.get(FORM).content.decode()


def test_a_whole_form_is_handed_in_at_once(client, mentor):
    before = timezone.now()
    assert client.post(FORM, WHOLE).url == only().get_absolute_url()
    assert (only().status, only().places_offered) == ("submitted", 2)
    assert only().submitted_at >= before


# --- What mentees see, and what was agreed to ------------------------------------------------------------------------------


def test_a_mentor_sees_the_offer_as_mentees_do_and_nothing_is_handed_in_by_looking(client, mentor):
    page = client.post(
        FORM, {**WHOLE, "shown": ["profile", "topics"], "specialty": "Sarcoma", "wishes": "Secret", "preview": "on"}
    ).content.decode()

    seen = page[page.index("As a mentee sees it") : page.index("Whom you would rather mentor")]
    assert "Glad to." in seen
    assert "Teaching" in seen
    assert [
        each for each in ("Sarcoma", "English", "New York", mentor.institution_names, "Secret") if each in seen
    ] == []
    assert only().status == "draft"


def test_the_wording_that_was_agreed_to_is_kept_and_an_old_one_is_asked_again(client, mentor):
    old = client.post(FORM, {**WHOLE, "agreement_version": "0ld"})
    assert (old.status_code, only().status) == (422, "draft")
    assert "Please read it again." in old.content.decode()

    client.post(FORM, WHOLE)
    assert only().agreement.startswith("I give each mentee at least 1 hour a month")
    assert only().agreed_at == only().submitted_at


def test_the_checklist_says_what_the_text_tells_so_far():
    told = [each for each, _pattern, met in checked("I lead a clinic and we meet by video once a month.") if met]
    assert told == ["What you do: your field, your work", "How and when you like to meet"]
