"""Saying where one works without a script: type, send, choose of what was found, or add it."""

import pytest

from mentoring.accounts.models import Alias, Institution
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    person = factories.person("Ada")
    client.force_login(person)
    return person


def send(client, **typed):
    facts = {"name": "Ada", "degrees": "", "career_stage": "fellow", "time_zone": "America/New_York", "next": ""}
    return client.post("/account/profile/", {**facts, **typed})


def where(person):
    return sorted(each.name for each in person.institutions.all())


def test_saving_what_is_shown_changes_nothing(client, ada):
    (place,) = ada.institutions.all()
    page = client.get("/account/profile/").content.decode()
    assert f'value="{place.label}"' in page
    assert f'name="institution_choice" value="{place.pk}"' in page
    assert send(client, institution=place.label, institution_choice=place.pk).status_code == 302
    assert list(ada.institutions.all()) == [place]


@pytest.mark.parametrize("typed", ["Dana-Farber Cancer Institute", "dana farber cancer inst.", "DFCI"])
def test_what_is_called_just_so_is_taken(client, ada, typed):
    farber = factories.institution("Dana-Farber Cancer Institute")
    Alias.objects.create(institution=farber, name="DFCI")
    assert send(client, institution=typed).status_code == 302
    assert where(ada) == ["Dana-Farber Cancer Institute"]


def test_what_is_spelled_nearly_so_is_offered_and_said_to_be_only_near(client, ada):
    farber = factories.institution("Dana-Farber Cancer Institute")
    (found,) = client.get("/account/institutions/", {"q": "dana faber"}).json()["found"]
    assert (found["id"], found["near"]) == (farber.pk, True)

    page = send(client, institution="dana faber")

    assert page.status_code == 422
    assert f"{farber.where} · similar spelling" in page.content.decode()
    assert send(client, institution="dana faber", institution_choice=farber.pk).status_code == 302
    assert list(ada.institutions.all()) == [farber]


def test_of_several_one_is_chosen_when_the_form_comes_back(client, ada):
    hospitals = [factories.institution("St. Mary Hospital", city=city) for city in ("Dunmore", "Ferncliff")]
    before = where(ada)

    page = send(client, institution="st mary")

    assert page.status_code == 422
    text = page.content.decode()
    assert "Choose which of these it is, or that it is none of them." in text
    assert all(each.where in text for each in hospitals)
    assert where(ada) == before
    assert send(client, institution="st mary", institution_choice=hospitals[1].pk).status_code == 302
    assert list(ada.institutions.all()) == [hospitals[1]]


def test_a_number_that_does_not_go_with_the_name_is_not_believed(client, ada):
    """Such as that of the suggestion before the last, when somebody typed on."""
    other = factories.institution("Elsewhere Clinic")
    for number in (str(other.pk), "0", "9" * 40, "x", "-1"):
        assert send(client, institution="Nowhere", institution_choice=number).status_code == 422
    hidden = factories.institution("Nowhere", checked=False)
    assert send(client, institution="Nowhere", institution_choice=hidden.pk).status_code == 422


def test_one_that_is_not_on_the_list_is_added_for_staff_to_check(client, ada):
    page = send(client, institution="Larkmoor Clinic")
    assert "This is not on our list. Look at the spelling, or add it below." in page.content.decode()

    assert (
        send(client, institution="Larkmoor Clinic", institution_choice="new", institution_country="CA").status_code
        == 302
    )
    added = Institution.objects.get(name="Larkmoor Clinic")
    assert (added.country, added.checked, added.added_by) == ("CA", False, ada)
    # It is theirs to keep, and nobody else's to find.
    assert send(client, institution=added.label, institution_choice=added.pk).status_code == 302
    assert where(ada) == ["Larkmoor Clinic"]
    found = client.get("/account/institutions/", {"q": "larkmoor"}).json()
    assert found == {"found": []}

    # Another person who adds the same does not add it twice.
    client.force_login(factories.person("Ben"))
    send(client, institution="larkmoor clinic", institution_choice="new", institution_country="CA")
    assert Institution.objects.filter(name__iexact="Larkmoor Clinic").count() == 1


@pytest.mark.parametrize("country", ["", "QQ", "us", "US; DROP"])
def test_a_country_that_is_none_is_refused(client, ada, country):
    page = send(client, institution="Clinic", institution_choice="new", institution_country=country)
    assert page.status_code == 422
    assert "Choose its country." in page.content.decode()


def test_the_same_place_twice_is_told(client, ada):
    place = factories.institution("Larkmoor")
    page = send(client, institution="Larkmoor", second_institution="larkmoor", second_institution_choice=place.pk)
    assert "This is the same place as above" in page.content.decode()
    page = send(client, institution="")
    assert "Type the name of the place where you work or study." in page.content.decode()


def test_staff_see_what_waits_and_for_how_long(client):
    factories.institution("Typed Clinic", checked=False)
    client.force_login(factories.staff())
    assert "The oldest waits for" in client.get("/admin/").content.decode()
    page = client.get("/admin/accounts/institution/", {"checked__exact": 0}).content.decode()
    assert "Typed Clinic" in page
    assert "minute" in page


def test_suggestions_cost_as_many_queries_for_many_as_for_few(client, ada, django_assert_num_queries):
    for number in range(12):
        factories.institution(f"House {number}", city="Dunmore")
    with django_assert_num_queries(4):
        found = client.get("/account/institutions/", {"q": "house"}).json()["found"]
    assert len(found) == 8
    assert found[0] == {
        "id": Institution.objects.get(name="House 0").pk,
        "name": "House 0",
        "where": "Dunmore, United States",
        "near": False,
    }
    assert client.get("/account/institutions/").json() == {"found": []}
