"""What a hand-made address or form of the admin gets: a 404, and never an error of ours. And too many requests, our page."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model.__module__.split(".")[0] not in ("django", "allauth")]
WITH_ACTIONS = [model for model in OURS if admin.site._registry[model].actions]


@pytest.fixture
def manager(client, settings):
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(factories.staff(is_superuser=True))
    return client


@pytest.mark.parametrize("row", ["abc", "9" * 30, "²", "1_2Fx"])
@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_no_page_for_what_is_no_number(manager, model, row):
    name = f"{model._meta.app_label}/{model._meta.model_name}"

    response = manager.get(f"/admin/{name}/{row}/change/")

    # Django's own pages lead back to the first screen and say that there is no such row.
    assert response.status_code == 404 or response.headers.get("Location") == reverse("admin:index")


@pytest.mark.parametrize(
    "name",
    [
        "matching/pairing",
        "applications/application",
        "applications/mentorinterest",
        "programs/window",
        "programs/inquiry",
    ],
)
def test_our_own_pages_say_404(manager, name):
    assert manager.get(f"/admin/{name}/abc/change/").status_code == 404


@pytest.mark.parametrize("chosen", ["x", "", "9" * 30])
@pytest.mark.parametrize("model", WITH_ACTIONS, ids=lambda model: model._meta.label)
def test_nothing_happens_to_what_is_no_number(manager, model, chosen):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    action = admin.site._registry[model].actions[0]

    response = manager.post(address, {"action": action, "_selected_action": chosen})

    assert response.status_code == 404


def test_too_many_requests_get_our_page(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    for _ in range(2):
        response = client.post("/account/login/", {"login": "ada@example.org", "password": "x"})

    page = response.content.decode()
    assert response.status_code == 429
    assert "Please wait a little" in page
    assert "Wait five minutes" in page
    assert "css/portal.css" in page
