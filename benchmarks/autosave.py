"""How long saving one answer takes beside the page it is on, with the queries of each: `python -m benchmarks.autosave`.

One application with every answer given, on a PostgreSQL of its own, through the whole of Django's request handling.
"""

import os
import statistics
import time

from mentoring.stack.testing import services

REPEATS = 200


def measure():
    """[(what, median in ms, queries)], the saving first."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from applications.merging import token
    from tests import factories

    application = factories.application()
    client = Client()
    client.force_login(application.applicant)
    address = f"/applications/{application.pk}/answers/"
    said = [application.answers["goals"]]

    def save():
        text = f"My goals, as I see them after {len(said)} changes. " * 20
        data = {"fields": "goals", "goals": text, "base.goals": token(said[-1]), "version": len(said) - 1}
        said.append(text)
        assert client.post(address, data, headers={"X-Requested-With": "autosave"}).status_code == 200

    def page():
        assert client.get(address).status_code == 200

    acts = {"Saving one answer": save, "The page it is on": page}
    counts, seconds = {}, {what: [] for what in acts}
    for what, act in acts.items():
        act()
        with CaptureQueriesContext(connection) as queries:
            act()
        counts[what] = len(queries)
    for _ in range(REPEATS):  # in turn, so that a busy machine is busy for both
        for what, act in acts.items():
            start = time.perf_counter()
            act()
            seconds[what].append(time.perf_counter() - start)
    return [(what, statistics.median(seconds[what]) * 1000, counts[what]) for what in acts]


def main() -> None:
    """Print both, and what part of a page a save takes."""
    with services():
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        import django
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        django.setup()
        setup_test_environment()
        databases = setup_databases(verbosity=0, interactive=False, aliases=["default"])
        try:
            rows = measure()
        finally:
            teardown_databases(databases, verbosity=0)
    print(f"Medians of {REPEATS}.")
    for what, milliseconds, queries in rows:
        print(f"{what:<20}{milliseconds:>8.2f} ms {queries:>4} queries")
    print(f"A save takes {rows[0][1] / rows[1][1]:.0%} of a page.")


if __name__ == "__main__":
    main()
