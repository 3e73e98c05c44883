"""What holds for every test."""

import gc

import pytest
from django.db import transaction

# Tests make and drop many small objects, few of them in circles: looking for circles less often costs little memory.
ALLOCATIONS = 50_000
gc.set_threshold(ALLOCATIONS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What takes long comes first: at the end, no worker is left alone with it."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish():
    """Spare the collector what stays for good: the code, the models and the tests themselves."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def shared_rows(django_db_setup, django_db_blocker):
    """For a fixture whose rows all tests of a module share: each finds them as they were made, because what a test does is
    taken back. Not for a module with a test that commits.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
