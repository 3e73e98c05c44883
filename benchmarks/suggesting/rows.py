"""How long a suggestion takes from rows in the database to rows in the database, as a worker computes it, but for the drafts.

    python -m benchmarks.suggesting.rows fill MENTEES MENTORS

writes a made-up cycle into the database that the environment names, which the caller made for this; and

    python -m benchmarks.suggesting.rows run REPEATS [over_all]

computes suggestions for it, and prints one line of JSON.
"""

import json
import statistics
import sys
import time
from datetime import timedelta

import django
import numpy as np

TOPICS, INSTITUTIONS, BATCH = 14, 400, 5000
ZONES = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"]


def fill(mentees: int, mentors: int) -> None:
    """A published cycle with so many accepted mentees, each with five mentors ranked, and so many mentors of 1 to 3 places."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from applications.models import Application, MentorInterest, Place, Submission
    from benchmarks.suggesting.markets import RANKED, wishes
    from matching.models import Preference, PreferenceList
    from mentoring.accounts.models import Affiliation, Institution, User
    from programs import load

    call_command("migrate", verbosity=0)
    random, now = np.random.default_rng(1), timezone.now()
    begins = now.date() + timedelta(days=40)
    topics = [f"Topic {n}" for n in range(TOPICS)]
    cycle = load.load_cycle(
        load.read()["vmp"],
        {"label": "bench", "slug": "bench", "term_begins": begins, "term_ends": begins + timedelta(days=360)},
    )
    type(cycle).objects.filter(pk=cycle.pk).update(topics=topics)

    def some(most: int) -> list[str]:
        return [topics[n] for n in random.choice(TOPICS, random.integers(1, most + 1), replace=False)]

    def save(model, rows):
        return model.objects.bulk_create(rows, batch_size=BATCH)

    manager = User.objects.create(email="manager@example.org", name="Manager", is_staff=True)
    homes = save(Institution, [Institution(name=f"Institution {n}") for n in range(INSTITUTIONS)])
    people = save(
        User,
        [
            User(email=f"person{n}@example.org", name=f"Person {n}", career_stage="fellow", time_zone=ZONES[n % 4])
            for n in range(mentees + mentors)
        ],
    )
    at = random.integers(0, INSTITUTIONS, len(people)).tolist()
    save(Affiliation, [Affiliation(person=each, institution=homes[n]) for each, n in zip(people, at, strict=True)])
    known = {"cycle": cycle, "submitted_at": now}
    applications = save(
        Application,
        [Application(applicant=each, status="accepted", released_at=now, **known) for each in people[:mentees]],
    )
    judged = {
        "revision": 0,
        "facts": {},
        "rule_answers": {},
        "verdict": [],
        "received_at": now,
        "closes_at": now + timedelta(days=1),
    }
    save(
        Submission,
        [Submission(application=each, number=1, answers={"topics": some(4)}, **judged) for each in applications],
    )
    approved = {"status": "approved", "agreed": True, "decided_at": now, "decided_by": manager, **known}
    interests = save(
        MentorInterest, [MentorInterest(mentor=each, topics=some(6), **approved) for each in people[mentees:]]
    )
    places = random.integers(1, 4, mentors).tolist()
    save(
        Place, [Place(interest=each, number=n + 1) for each, n in zip(interests, places, strict=True) for n in range(n)]
    )
    lists = save(
        PreferenceList,
        [PreferenceList(application=each, status="submitted", submitted_at=now) for each in applications],
    )
    ranked = wishes(random, mentees, mentors, RANKED).tolist()
    save(
        Preference,
        [
            Preference(list=each, rank=rank, interest=interests[n])
            for each, row in zip(lists, ranked, strict=True)
            for rank, n in enumerate(row, 1)
        ],
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # which the server does by itself within a minute


def run(repeats: int, over_all: bool) -> dict:
    """Median seconds of the whole and of each phase, peak memory, and the figures."""
    from benchmarks.suggesting.solving import peak
    from matching.solve import solve
    from mentoring.accounts.models import User
    from mentoring.celery import spare_what_stays
    from programs.models import Cycle

    spare_what_stays()
    cycle, manager = Cycle.objects.get(slug="bench"), User.objects.get(email="manager@example.org")
    seconds, phases = [], []
    for _ in range(repeats):
        begun = time.perf_counter()
        made = solve(cycle, "on_list_first", by=manager, drafts=False, over_all=over_all)
        seconds.append(time.perf_counter() - begun)
        phases.append(made.seconds)
    return {
        "seconds": statistics.median(seconds),
        "phases": {name: statistics.median(each[name] for each in phases) for name in phases[0]},
        "repeats": repeats,
        "memory": peak(),
        "figures": made.figures,
    }


if __name__ == "__main__":
    django.setup()
    task, *numbers = sys.argv[1:]
    if task == "fill":
        fill(*map(int, numbers))
    else:
        print(json.dumps(run(int(numbers[0]), "over_all" in numbers)))
