"""Many mentees and mentors at once, written as rows: for questions about how many, where how they came to be is no matter."""

import random

from django.utils import timezone

from applications.models import Application, MentorInterest, Place, Submission
from matching.models import Preference, PreferenceList
from mentoring.accounts.models import Affiliation, Institution, User
from tests import factories


def crowd(cycle, manager, size):
    """So many accepted mentees and as many mentors with one place each, all from different institutions.

    Each mentee ranks one mentor, and no two the same. Returns applications and interests.
    """
    now, tag = timezone.now(), next(factories.count)
    people = User.objects.bulk_create(
        User(email=f"crowd-{tag}-{n}@example.org", name=f"Person {tag}-{n}", career_stage="fellow")
        for n in range(2 * size)
    )
    homes = Institution.objects.bulk_create(Institution(name=f"Place {tag}-{n}") for n in range(2 * size))
    Affiliation.objects.bulk_create(
        Affiliation(person=person, institution=home) for person, home in zip(people, homes, strict=True)
    )
    applications = Application.objects.bulk_create(
        Application(cycle=cycle, applicant=person, status="accepted", submitted_at=now, released_at=now)
        for person in people[:size]
    )
    Submission.objects.bulk_create(
        Submission(application=each, number=1, revision=0, facts={}, rule_answers={}, answers=factories.ANSWERS,
                   verdict=[], received_at=now, closes_at=cycle.applications_window.closes_at)
        for each in applications
    )  # fmt: skip
    interests = MentorInterest.objects.bulk_create(
        MentorInterest(cycle=cycle, mentor=person, status="approved", agreed=True, submitted_at=now, decided_at=now,
                       decided_by=manager, topics=["Career planning"])
        for person in people[size:]
    )  # fmt: skip
    Place.objects.bulk_create(Place(interest=each, number=1) for each in interests)
    lists = PreferenceList.objects.bulk_create(
        PreferenceList(application=each, status="submitted", submitted_at=now) for each in applications
    )
    Preference.objects.bulk_create(
        Preference(list=each, rank=1, interest=interest) for each, interest in zip(lists, interests, strict=True)
    )
    return applications, interests


def hall(cycle, manager, mentees=400, mentors=300, choices=5):
    """A whole cycle: so many mentees who each rank some mentors, popular ones more often, and mentors with one or two places.

    Every third mentor has two places. Returns applications and interests.
    """
    applications, interests = crowd(cycle, manager, max(mentees, mentors))
    Preference.objects.filter(list__application__cycle=cycle).delete()
    gone = [each.pk for each in applications[mentees:]]
    PreferenceList.objects.filter(application__in=gone).delete()
    Application.objects.filter(pk__in=gone).update(withdrawn_at=timezone.now(), status="withdrawn")
    away = [each.pk for each in interests[mentors:]]
    MentorInterest.objects.filter(pk__in=away).update(status="withdrawn", decided_at=None, decided_by=None)
    applications, interests = applications[:mentees], interests[:mentors]
    Place.objects.bulk_create(Place(interest=each, number=2) for each in interests[::3])
    chance = random.Random(mentees)
    lists = PreferenceList.objects.filter(application__in=applications)
    Preference.objects.bulk_create(
        Preference(list=each, rank=rank, interest=interests[pick])
        for each in lists
        for rank, pick in enumerate(popular(chance, len(interests), choices), 1)
    )
    return applications, interests


def popular(chance, size, wanted):
    """So many different numbers below ``size``, small ones more often."""
    found = []
    while len(found) < min(wanted, size):
        pick = int(size * chance.random() ** 2)
        if pick not in found:
            found.append(pick)
    return found
