"""What staff read of the history: whose, when, about what; what changed; and nothing about what they may not see."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from mentoring.accounts.roles import ADMINISTRATOR, MANAGER, REVIEWER
from mentoring.audit.models import Event, record
from tests import factories

pytestmark = pytest.mark.django_db
EVENTS = "/admin/audit/event/"
# Later than whatever else happens, so that it comes first.
SNOW = datetime(2036, 11, 21, 20, 46, tzinfo=UTC)


@pytest.fixture
def as_role(client, settings):
    """A client signed in as someone new in the role."""
    settings.STAFF_SECOND_FACTOR = False

    def sign_in(role):
        client.force_login(factories.staff(role, name=f"The {role}"))
        return client

    return sign_in


def happened(target, **facts):
    """An event about a row, at a known time."""
    said = {"target_type": target._meta.label_lower, "target_id": str(target.pk), "target_name": str(target), **facts}
    return Event.objects.create(at=SNOW, verb="look_at", actor_name="The portal", **said)


def page(client, address, **query):
    return client.get(address, query).content.decode()


def test_times_name_their_zone(as_role):
    person = factories.person("Ada")
    client = as_role(MANAGER)
    event = happened(person)

    assert event.when == "3:46 PM ET on Nov 21, 2036"
    assert "3:46 PM ET on Nov 21, 2036" in page(client, EVENTS)
    assert "3:46 PM ET on Nov 21, 2036" in page(client, "/admin/")


def test_the_page_of_a_thing_names_the_zone(as_role):
    interest = factories.interest(in_status="submitted")
    happened(interest)

    assert "3:46 PM ET on Nov 21, 2036" in page(
        as_role(MANAGER), reverse("admin:applications_mentorinterest_change", args=[interest.pk])
    )


def test_the_list_tells_in_a_sentence_and_leads_to_the_thing(as_role):
    person = factories.person("Ada")
    happened(person)

    shown = page(as_role(MANAGER), EVENTS, q="Ada")

    assert "The portal, look at: Ada" in shown
    assert f'<a href="{reverse("admin:accounts_user_change", args=[person.pk])}">Ada</a>' in shown


def test_the_list_is_searched_and_filtered_by_person(as_role):
    client, manager, person = as_role(MANAGER), factories.staff(name="Grace"), factories.person("Ada")
    record("greet", person, by=manager)
    record("greet", person, by=person)

    assert {event.actor_id for event in found(client, who=manager.pk)} == {manager.pk}
    record("greet", person, by=None)
    assert {event.actor_id for event in found(client, who="portal")} == {None}
    assert person.pk in {event.actor_id for event in found(client, q="Ada")}
    assert found(client, who="x").exists()


def found(client, **query):
    return client.get(EVENTS, query).context["cl"].queryset


@pytest.mark.parametrize(
    ("role", "seen"),
    [(MANAGER, {"application", "pairing", "inquiry", "person"}), (ADMINISTRATOR, {"person"})],
)
def test_nobody_reads_the_history_of_what_they_may_not_see(role, seen, as_role):
    rows = {"application": "applications.application", "pairing": "matching.pairing", "inquiry": "programs.inquiry"}
    rows |= {"person": "accounts.user"}
    person = factories.person()
    for name, target_type in rows.items():
        happened(person, target_type=target_type, target_name=f"Secret of a {name}")
    client = as_role(role)

    for address in (EVENTS, "/admin/"):
        shown = page(client, address)
        assert {name for name in rows if f"Secret of a {name}" in shown} == seen
    for event in Event.objects.filter(target_name__startswith="Secret"):
        response = client.get(f"{EVENTS}{event.pk}/change/", follow=True)
        assert (event.target_name in response.content.decode()) == (event.target_name.split()[-1] in seen)


def save(client, person, **changes):
    """Save a person's page in the admin as it stands, but for the changes."""
    address = reverse("admin:accounts_user_change", args=[person.pk])
    response = client.get(address)
    forms = [response.context["adminform"].form] + [each.formset.management_form for each in
                                                    response.context["inline_admin_formsets"]]  # fmt: skip
    data = {form.add_prefix(name): form[name].value() for form in forms for name in form.fields}
    data = {name: value for name, value in (data | changes).items() if value not in (None, False)}
    response = client.post(address, data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    return Event.objects.about(person).filter(verb="edit").get()


def test_an_edit_records_what_was_and_what_is(as_role):
    person = factories.person("Ada", degrees="MD")
    role = Group.objects.get(name=REVIEWER)

    event = save(as_role(ADMINISTRATOR), person, name="Ada L.", is_staff="on", groups=[role.pk])

    assert event.details["values"] == {
        "name": ["Ada", "Ada L."],
        "is_staff": ["False", "True"],
        "groups": ["", REVIEWER],
    }
    assert "Name" in str(event.details["fields"])


def test_an_edit_records_other_rows_by_their_names(as_role):
    parent, old = factories.institution("The System"), factories.institution("The Old One")
    house = factories.institution("The House")
    house.parent = old
    house.save()
    client = as_role(MANAGER)

    response = client.post(
        reverse("admin:accounts_institution_change", args=[house.pk]),
        {
            "name": house.name,
            "country": "US",
            "parent": parent.pk,
            "checked": "on",
            "kind": "other",
            "aliases-TOTAL_FORMS": 0,
            "aliases-INITIAL_FORMS": 0,
        },
    )

    assert response.status_code == 302
    event = Event.objects.about(house).get(verb="edit")
    assert event.details["values"] == {"parent": ["The Old One", "The System"]}
