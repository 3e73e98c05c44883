"""What people say of themselves: optional, apart, encrypted, counted only, and seen by nobody."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.db import connection
from django.test import Client
from django.utils import timezone

from applications.models import Application, Demographics
from applications.models.demographics import counts
from mentoring.accounts.roles import AUDITOR, MANAGER, REVIEWER
from mentoring.audit.models import Event
from tests import factories

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def say(application, **answers):
    return client_of(application.applicant).post(f"/applications/{application.pk}/demographics/", answers)


def test_several_answers_are_kept_apart_and_sealed():
    application = factories.application()
    before = Application.objects.filter(pk=application.pk).values().get()
    assert say(application, race_ethnicity=["black", "hispanic"], gender=["woman"]).status_code == 302
    row = Demographics.objects.get()
    assert row.answers == {"race_ethnicity": ["black", "hispanic"], "gender": ["woman"]}
    with connection.cursor() as cursor:
        cursor.execute("SELECT d::text FROM applications_demographics d")
        (stored,) = cursor.fetchone()
    assert not any(word in stored for word in ("black", "hispanic", "woman"))
    assert Application.objects.filter(pk=application.pk).values().get() == before


def test_it_is_optional_can_be_emptied_and_takes_either_an_answer_or_none():
    application = factories.application()
    assert say(application, gender=["woman", "prefer_not"]).status_code == 422
    say(application, gender=["prefer_not"])
    assert Demographics.objects.get().answers == {"gender": ["prefer_not"]}
    say(application)
    assert not Demographics.objects.exists()
    application.submit(by=application.applicant, received_at=timezone.now())


def test_a_seal_opens_for_its_own_row_only_and_keys_can_be_renewed(settings):
    settings.DEMOGRAPHICS_KEYS = [old := Fernet.generate_key().decode()]
    mine, theirs = factories.application(), factories.application()
    say(mine, gender=["man"])
    say(theirs, gender=["woman"])
    one, other = Demographics.objects.order_by("pk")
    settings.DEMOGRAPHICS_KEYS = [Fernet.generate_key().decode(), old]
    assert one.answers == {"gender": ["man"]}
    one.sealed = other.sealed
    with pytest.raises(ValueError, match="sealed for another row"):
        str(one.answers)
    settings.DEMOGRAPHICS_KEYS = []
    with pytest.raises(InvalidToken):
        str(other.answers)


def test_the_page_says_who_sees_it_and_why():
    application = factories.application()
    page = client_of(application.applicant).get(f"/applications/{application.pk}/demographics/").content.decode()
    assert "Who sees it: nobody sees your answers." in page
    assert "Why we ask:" in page
    assert page.count("Prefer not to say") == 2


def answered_by(number, cycle, **answers):
    for _ in range(number):
        application = factories.application(cycle, in_status="submitted")
        Demographics.keep(application.applicant, cycle, answers)


def test_counts_leave_out_small_groups_and_what_would_give_them_away():
    made = factories.cycle()
    answered_by(7, made, gender=["woman"])
    answered_by(6, made, gender=["man"])
    answered_by(2, made, gender=["nonbinary"])
    Demographics.keep(factories.application(made).applicant, made, {"gender": ["woman"]})  # a draft does not count
    told = dict(counts(made))["Your gender"]
    assert told == [("Woman", 7), ("Man", 6), ("Nonbinary", None), ("Another", None), ("Prefer not to say", None)]
    answered_by(5, made, gender=["another"])
    answered_by(5, made, gender=["prefer_not"])
    told = dict(dict(counts(made))["Your gender"])
    assert [label for label, number in told.items() if number is None] == ["Nonbinary", "Another"]


@pytest.mark.parametrize(("role", "status"), [(AUDITOR, 200), (MANAGER, 403), (REVIEWER, 403)])
def test_only_who_has_the_capability_sees_counts_after_the_close_and_each_look_is_on_record(role, status):
    made, person = factories.cycle(), factories.staff(role)
    answered_by(6, made, gender=["woman"])
    address = f"/admin/applications/application/demographics/{made.pk}/"
    client = client_of(person)
    assert client.post(address).status_code == status
    assert not Event.objects.filter(verb="look_at_demographics").exists()  # applications are open still
    factories.move_window(made, "applications", closes_at=timezone.now() - timedelta(minutes=1))
    page = client.post(address)
    assert page.status_code == status
    looks = Event.objects.filter(verb="look_at_demographics")
    assert [look.actor_id for look in looks] == ([person.pk] if status == 200 else [])
    assert ("<td>6</td>" in page.content.decode()) == (status == 200)


def test_matching_and_rules_never_read_it():
    read = [path for folder in ("matching", "programs") for path in (ROOT / folder).rglob("*.py")]
    assert [path.name for path in read if "demographics" in path.read_text().lower()] == []


def test_staff_who_read_the_application_see_nothing_of_it():
    application = factories.application(in_status="submitted")
    say(application, race_ethnicity=["pacific"])
    for role in (REVIEWER, MANAGER):
        page = client_of(factories.staff(role)).get(f"/admin/applications/application/{application.pk}/change/")
        assert "Pacific Islander" not in page.content.decode()
    own = client_of(application.applicant).get("/account/data/download.json").content.decode()
    assert "Native Hawaiian or Pacific Islander" in own
