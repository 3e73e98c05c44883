"""The public page and the self-check say what the engine enforces, and keep what is said in confidence to nobody."""

import re
from html import unescape

import pytest

from programs.models import Rule
from programs.models.rules import Effect
from tests import factories

pytestmark = pytest.mark.django_db

DMP_KEPT = {key: value for key, value in factories.DMP_ANSWERS.items() if key != "uim"}


def listed_rules(page):
    """The sentences of the public page's list of who may apply."""
    section = re.search(r'<section[^>]*aria-labelledby="rules">.*?</section>', page.content.decode(), re.DOTALL)[0]
    return [unescape(item) for item in re.findall(r"<li>(.*?)</li>", section, re.DOTALL)]


@pytest.mark.parametrize("slug", ["vmp", "dmp"])
def test_the_public_page_lists_exactly_the_rules_that_are_enforced(client, slug):
    cycle = factories.cycle(slug)
    cycle.rules.filter(key="english").update(effect=Effect.SHOWN)
    cycle.rules.filter(position=1).update(effect=Effect.STAFF_VERIFY, sentence="You are a <member> & friend.")
    enforced = [rule.sentence for rule in Rule.objects.filter(cycle=cycle).exclude(key="english")]

    assert listed_rules(client.get(f"/programs/{slug}/")) == enforced
    verdict = client.post(f"/programs/{slug}/eligibility/", {}).context["verdict"]
    assert [outcome.sentence for outcome in verdict.outcomes] == enforced


@pytest.mark.parametrize(
    ("slug", "answers", "secret", "kept"),
    [
        ("vmp", {**factories.VMP_ANSWERS, "needs": ["women", "underrepresented"]}, ["women", "underrepresented"],
         {"membership": "full", "hours": "yes", "english": "yes", "no_research": "no", "within_purview": "no",
          "online": "no"}),
        ("dmp", factories.DMP_ANSWERS, ["uim"], DMP_KEPT),
    ],
)  # fmt: skip
def test_what_is_said_in_confidence_is_not_kept_before_there_is_an_account(client, slug, answers, secret, kept):
    cycle = factories.cycle(slug)

    page = client.post(f"/programs/{slug}/eligibility/", answers)

    assert page.context["verdict"].may_submit
    assert client.session["eligibility"] == {cycle.slug: kept}
    assert not any(word in str(dict(client.session)) for word in secret)


def test_answers_come_along_into_the_application_and_the_confidential_one_is_asked_again(client):
    factories.cycle("dmp")
    client.post("/programs/dmp/eligibility/", factories.DMP_ANSWERS)
    person = factories.person(stage="medical_student")
    client.force_login(person)

    client.post("/programs/dmp/apply/")

    application = person.applications.get()
    assert application.rule_answers == {
        "enrolled": "md",
        "enrolled_school": factories.SCHOOL,
        "six_months": "yes",
        "english": "yes",
    }
    assert [outcome.key for outcome in application.verdict.unanswered] == ["uim"]


def test_who_may_not_apply_reads_the_rule_the_way_out_whom_to_write_to_and_the_other_program(client):
    factories.cycle("vmp")
    factories.cycle("dmp")

    page = client.post("/programs/vmp/eligibility/", {**factories.VMP_ANSWERS, "online": "yes"}).content.decode()

    assert "You do not need to meet your mentor in person." in page
    assert "Write to us about programs with an in-person part." in page
    assert "mailto:professional.development@example.org" in page
    assert "/programs/dmp/" in page


@pytest.mark.parametrize("address", ["/programs/vmp/", "/programs/vmp/eligibility/"])
def test_a_cycle_that_is_not_published_is_nobodys_business(client, address):
    cycle = factories.cycle()
    assert client.get(address).status_code == 200
    cycle.published_at = None
    cycle.save()

    assert client.get(address).status_code == 404


def test_looking_at_the_application_form_begins_nothing(client):
    factories.cycle()
    person = factories.person()
    client.force_login(person)

    assert client.get("/programs/vmp/apply/").status_code == 200
    assert not person.applications.exists()
    client.post("/programs/vmp/apply/")
    client.post("/programs/vmp/apply/")
    assert person.applications.count() == 1


def test_the_school_is_asked_after_the_situation_and_offered_from_the_list(client):
    factories.cycle("dmp")
    factories.institution("Hogshead Dental School", is_medical_school=True)
    factories.institution("Quillhaven College", is_medical_school=True, degrees=["DO"])
    address = "/programs/dmp/eligibility/"
    page = client.get(address).content.decode()
    names = [factories.SCHOOL, "Quillhaven College"]
    assert [name for name in [*names, "Hogshead Dental School"] if f'<option value="{name}">' in page] == names
    assert page.index("Which of these describes you?") < page.index("At which medical school, if you are enrolled?")

    def verdict(**given):
        return client.post(address, {**factories.DMP_ANSWERS, **given}).context["verdict"].states["enrolled"]

    assert verdict(enrolled_school="quillhaven college") == "met"
    assert verdict(enrolled_school="Hogshead Dental School") == "to_verify"
    assert verdict(enrolled="resident", enrolled_school="") == "to_verify"
    assert verdict(enrolled_school="") == "unanswered"
