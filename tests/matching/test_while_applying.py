"""Mentors ranked with the application, by the cycle's setting: who may hand in when, with what, and who reads it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.models import Application
from applications.models.application import IncompleteApplication
from matching.market import cycle_market
from matching.models import PreferenceList
from matching.people import people_of
from matching.ranking import Ranking
from matching.tasks import remind_open_preferences
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from programs import readiness, rule_card
from programs.models import Cycle, Window
from tests import factories

pytestmark = pytest.mark.django_db

STATUSES = ("draft", "submitted", "waitlisted", "accepted", "declined", "withdrawn")
# When mentors are ranked, and which window is open -> the statuses in which a list is handed in by its own button.
TABLE = [
    ("after", {"applications", "preferences"}, {"accepted"}),
    ("after", {"preferences"}, {"accepted"}),
    ("after", {"applications"}, set()),
    ("after", set(), set()),
    ("with", {"applications"}, {"submitted", "waitlisted", "accepted"}),
    ("with", set(), set()),
]


@pytest.mark.parametrize(("come", "opened", "may"), TABLE)
def test_who_may_hand_in_a_list_when(come, opened, may):
    made, manager, now = factories.cycle(preferences_come=come), factories.staff(), timezone.now()
    rows = {status: factories.application(made, in_status=status, manager=manager) for status in STATUSES}
    for row in rows.values():
        PreferenceList.objects.get_or_create(application=row)
    for window in made.windows.exclude(kind__in=[*opened, "mentor_interest"]):
        Window.objects.filter(pk=window.pk).update(closes_at=now - timedelta(hours=1))

    did = set()
    for status, row in rows.items():
        own = PreferenceList.objects.get(application=row)
        try:
            own.submit(by=row.applicant, received_at=now, ranking=Ranking(no_preference=True))
            did.add(status)
        except TransitionRefused:
            pass

    assert did == may


def applying(mentors=4, **facts):
    """Somebody's draft in a cycle that ranks with the application, with so many mentors (ids of their interests, by name)."""
    made, manager = factories.cycle(preferences_come="with", **facts), factories.staff()
    mentors = [factories.interest(made, factories.person(f"Mentor {n}"), manager=manager).pk for n in range(mentors)]
    draft = factories.application(made)
    PreferenceList.objects.filter(application=draft).update(draft=None)
    return Application.objects.get(pk=draft.pk), mentors


def press(client, application, **data):
    client.force_login(application.applicant)
    return client.post(PreferenceList.objects.get(application=application).get_absolute_url(), data)


def ranked(application):
    return [interest.pk for interest in PreferenceList.objects.get(application=application).ranked]


def hand_in(application):
    Application.objects.get(pk=application.pk).submit(by=application.applicant, received_at=timezone.now())


def test_an_application_begins_with_a_list_only_where_the_cycle_asks_for_it_then():
    after, with_it = (factories.application(factories.cycle(preferences_come=come)) for come in ("after", "with"))

    assert [row.application for row in PreferenceList.objects.all()] == [with_it]
    assert not PreferenceList.objects.filter(application=after).exists()


def test_the_list_is_kept_handed_in_with_the_application_and_is_the_mentees_upon_acceptance(client):
    application, (a, b, c, _d) = applying()

    kept = press(client, application, order=[c, a, b], hand_in="on")
    assert (kept.url, ranked(application)) == (application.get_absolute_url(), [])
    hand_in(application)
    assert ranked(application) == [c, a, b]
    changed = press(client, application, order=[b, a, c], hand_in="on")
    assert changed.url == reverse("matching:list_receipt", args=[application.preference_list.pk])
    application.refresh_from_db()
    factories.tell(application, "accept", factories.staff())

    assert ranked(application) == [b, a, c]
    assert application.preference_list.get_absolute_url() in client.get(application.get_absolute_url()).content.decode()
    assert PreferenceList.objects.get(application=application).times_submitted == 2
    assert people_of(application.cycle).ranks == {(application.pk, pk): n for n, pk in enumerate([b, a, c], start=1)}
    assert len(cycle_market(application.cycle).mentees) == 1


def test_the_application_is_not_handed_in_without_a_list_and_says_where_to_make_one(client):
    application, mentors = applying()
    PreferenceList.objects.filter(application=application).update(draft=Ranking(mentors[:2]).as_json())
    client.force_login(application.applicant)

    with pytest.raises(IncompleteApplication) as refused:
        hand_in(application)
    page = client.get(reverse("applications:review", args=[application.pk])).content.decode()

    sentence = "Please rank 3 to 5 mentors, or say that you have no preference."
    assert refused.value.problems == [("mentors", "list", sentence)]
    assert f'{application.preference_list.get_absolute_url()}#id_list">{sentence}' in page


def test_a_changed_list_goes_with_a_changed_application_unless_it_no_longer_fits(client):
    application, (a, b, c, _d) = applying()
    press(client, application, order=[a, b, c], hand_in="on")
    hand_in(application)
    for order, counts in (([b, a, c], [b, a, c]), ([c, a], [b, a, c])):
        press(client, application, order=order)
        Application.objects.get(pk=application.pk).save_draft(answers={"goals": f"Anew {order}"})
        hand_in(application)
        assert ranked(application) == counts


def test_nobody_hears_a_promise_and_nobody_is_reminded(client):
    application, mentors = applying()
    press(client, application, order=mentors, hand_in="on")
    hand_in(application)
    later = Application.objects.get(pk=application.pk)
    factories.tell(later, "accept", factories.staff())
    accepted_without = factories.application(application.cycle, in_status="accepted", manager=factories.staff())
    PreferenceList.objects.filter(application=accepted_without).update(status="open", submitted_at=None)

    remind_open_preferences()

    mails = {mail.kind: mail.text for mail in OutgoingEmail.objects.filter(recipient=application.applicant)}
    assert "you were accepted" not in mails["PreferencesReceived"]
    assert "Staff propose a mentor to you next." in mails["DecisionAccepted"]
    assert not OutgoingEmail.objects.filter(kind__in=["PreferencesOpen", "PreferencesReminder"]).exists()


def test_before_acceptance_nobody_else_reads_the_list_nor_that_it_is_there(client):
    application, mentors = applying(4)
    press(client, application, order=mentors, hand_in="on")
    hand_in(application)
    own = PreferenceList.objects.get(application=application)
    listed = reverse("admin:matching_preferencelist_changelist")
    detail = reverse("admin:matching_preferencelist_change", args=[own.pk])
    review = reverse("admin:applications_application_change", args=[application.pk])

    mentor = application.cycle.mentor_interests.get(pk=mentors[0]).mentor
    for person in (mentor, factories.staff("Reviewer"), factories.staff()):
        client.force_login(person)
        assert client.get(own.get_absolute_url()).status_code == 404
        assert str(application.applicant) not in client.get(listed).content.decode()
        assert client.get(detail).status_code in (302, 403, 404)
        if person != mentor:
            assert "Mentor 0" not in client.get(review, follow=True).content.decode()
    application.refresh_from_db()
    factories.tell(application, "accept", factories.staff())
    assert str(application.applicant) in client.get(listed).content.decode()


def test_the_page_is_a_step_of_the_application_and_tells_no_decision(client):
    application, mentors = applying()
    client.force_login(application.applicant)
    overview = client.get(application.get_absolute_url()).content.decode()
    address = PreferenceList.objects.get(application=application).get_absolute_url()
    assert (address in overview, "Mentors you would like" in overview) == (True, True)

    page = client.get(address).content.decode()
    assert "Keep my list and go back" in page
    assert "You have not ranked mentors yet." in page
    press(client, application, order=mentors, hand_in="on")
    hand_in(application)
    factories.move_window(application.cycle, "applications", closes_at=timezone.now())
    closed = client.get(address).content.decode()
    assert "If you are accepted: Staff propose a mentor to you next." in closed


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda cycle: Cycle.objects.filter(pk=cycle.pk).update(preferences_come="after"),
            "no window for preferences.",
        ),
        (lambda cycle: later_mentors(cycle), "mentor interest must open before applications close"),
        (lambda cycle: a_window_too_many(cycle), "so there is no window for preferences. Please delete it."),
    ],
)
def test_impossible_combinations_are_refused(change, sentence):
    made = factories.cycle(preferences_come="with")
    assert not any("preferences" in each for each in readiness.missing(made))
    change(made)

    assert any(sentence in each for each in readiness.missing(Cycle.objects.get(pk=made.pk)))


def later_mentors(cycle):
    closes = cycle.applications_window.closes_at
    Window.objects.filter(cycle=cycle, kind="mentor_interest").update(
        opens_at=closes, closes_at=closes + timedelta(days=1)
    )


def a_window_too_many(cycle):
    opens = cycle.applications_window.closes_at
    Window.objects.create(cycle=cycle, kind="preferences", opens_at=opens, closes_at=opens + timedelta(days=1))


def test_the_rule_card_says_when_mentors_are_ranked():
    said = [dict(rule_card.card(factories.cycle(preferences_come=come)).sections)["Mentors and pairings"][0]
            for come in ("after", "with")]  # fmt: skip

    assert said == [
        "A mentee ranks at least 3 mentors and at most 5, or has no preference.",
        "With the application one ranks at least 3 mentors and at most 5, or has no preference.",
    ]
