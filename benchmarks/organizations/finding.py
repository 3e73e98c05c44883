"""How long it takes to find an institution among all, and what else reads them all, as lines of text in JSON.

Each is a whole request through Django, or one question to the database. Answers are the same when asked again; medians of three.
"""

import json
import random
import statistics
import time
import unicodedata

import django

django.setup()

from django.db import connection  # noqa: E402 (once Django is set up)
from django.test import Client  # noqa: E402 (once Django is set up)
from django.urls import reverse  # noqa: E402 (once Django is set up)

from matching.separation import forbidden_keys, keys_of  # noqa: E402 (once Django is set up)
from mentoring.accounts.models import Affiliation, Alias, Institution, User  # noqa: E402 (once Django is set up)
from programs.models import Cycle  # noqa: E402 (once Django is set up)

NAMED = [
    "MD Anderson",
    "Dana Farber",
    "univ. of texas",
    "universite de montreal",
    "Ñandú",
    "Dana Faber",
    "md andersen",
    "Memorial Sloan Ketering",
    "univeristy of texas",
    "stanfrod",
    "hospitl",
    "un",
    "university",
    "hospital",
    "national",
]
QUERIES, REPEATS, PEOPLE = 300, 3, 2_000


def typed(draw):
    """What somebody types of a name that there is: its first 2 to 20 characters, some without accents, some with a slip."""
    names = list(Institution.objects.values_list("name", flat=True)) + list(
        Alias.objects.values_list("name", flat=True)
    )
    for name in draw.sample(names, QUERIES):
        said = name[: draw.randint(2, 20)]
        if draw.random() < 0.5:
            said = "".join(each for each in unicodedata.normalize("NFKD", said) if not unicodedata.combining(each))
        at = draw.randrange(len(said))
        yield said[:at] + draw.choice("aeiou") + said[at + 1 :] if draw.random() < 0.15 else said


def timed(act):
    """Milliseconds, and what it gave."""
    spans = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        gave = act()
        spans.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spans), gave


def page(client, address, data=None):
    """Milliseconds of a page that must be there."""
    spent, response = timed(lambda: client.get(address, data or {}))
    assert response.status_code == 200, (address, response.status_code)
    return spent, response


def searches(client):
    """The suggestions beside the box that people type in."""
    address = reverse("account_institutions")
    spans = sorted((page(client, address, {"q": said})[0], said) for said in typed(random.Random(2)))
    (slowest, said), middle, most = spans[-1], spans[len(spans) // 2][0], spans[len(spans) * 95 // 100][0]
    yield f"{QUERIES} searches as people type: median {middle:.0f} ms, 95% within {most:.0f} ms,"
    yield f"  slowest {slowest:.0f} ms ({said!r})"
    for said in NAMED:
        spent, response = page(client, address, {"q": said})
        found = [each["name"] for each in response.json()["found"]]
        yield f"  {said:<24}{spent:>6.0f} ms   {'; '.join(found[:2]) or 'nothing'}"


def staff_pages(client):
    """The admin's list, its search, the page of the institution with the largest family, and of merging it."""
    largest = Institution.objects.get(name="Centre for Made-up Research")
    listed, changed = (
        reverse("admin:accounts_institution_changelist"),
        reverse("admin:accounts_institution_change", args=[largest.pk]),
    )
    merged = reverse("admin:accounts_institution_merge", args=[largest.pk])
    for name, address, data in [
        ("the admin's list", listed, None),
        ("its search", listed, {"q": "univ. of texas"}),
        ("an institution with 2,000 below it", changed, None),
        ("merging it: finding the other", merged, None),
        ("merging it: what will move", merged, {"into": Institution.objects.exclude(pk=largest.pk).first().pk}),
    ]:
        yield f"{name:<40}{page(client, address, data)[0]:>6.0f} ms"


def separation():
    """Who is too near to whom, of people all over."""
    draw, places = random.Random(3), list(Institution.objects.values_list("pk", flat=True))
    people = User.objects.bulk_create(User(email=f"p{n}@example.org", name=f"Person {n}") for n in range(PEOPLE))
    Affiliation.objects.bulk_create(Affiliation(person=each, institution_id=draw.choice(places)) for each in people)
    cycle, everyone = Cycle(), [each.pk for each in people]
    yield f"{'forbidden keys of one person':<40}{timed(lambda: forbidden_keys(cycle, everyone[:1]))[0]:>6.0f} ms"
    spent, _keys = timed(lambda: (forbidden_keys(cycle, everyone), keys_of(cycle, everyone)))
    yield f"{f'both keys of {PEOPLE:,} people':<40}{spent:>6.0f} ms"


with connection.cursor() as cursor:
    cursor.execute("VACUUM ANALYZE")  # which the server does by itself within a minute
client = Client()
client.force_login(User.objects.create_superuser("root@example.org", name="Root"))
print(json.dumps([*searches(client), *staff_pages(client), *separation()]))
