"""A browser, a site, a mail server, and people. Where there is no browser, the journeys say so and are skipped."""

import os
import shutil

import pytest
from django.conf import settings as portal
from django.core.cache import cache
from django.db import connections
from playwright.sync_api import sync_playwright

from mentoring.celery import app
from mentoring.notifications import dispatcher
from mentoring.notifications.tasks import nudge
from tests.journeys.people import DESK, Mailbox, Seen, Somebody
from tests.notifications.sink import Sink

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items):
    for item in items:
        if "journeys" in str(item.path):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def chromium():
    """The system's browser. Without one the journeys are skipped; in CI that is a failure."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        told = "*** NO BROWSER: install Chromium to run the journeys. ***"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(told)
        print(f"\n{told}")  # noqa: T201 (a skip alone is easily overlooked)
        pytest.skip(told)
    return found


@pytest.fixture(scope="session")
def bundle():
    """The style sheets and scripts, built from their sources as they are now."""
    static = portal.BASE_DIR / "static"
    built = static / "dist"
    how = "Build it with `npm run build`, or run `make test`, which does."
    if not (built / "css" / "portal.css").exists():
        pytest.fail(f"static/dist is missing. {how}")
    made = max(path.stat().st_mtime for path in (built, *built.rglob("*")))
    sources = (path for path in static.rglob("*") if path.is_file() and not path.is_relative_to(built))
    newer = [path.name for path in sources if path.stat().st_mtime > made]
    if newer:
        pytest.fail(f"static/dist is older than {', '.join(newer)}. {how}")


@pytest.fixture(scope="session")
def browser(chromium, bundle):
    # Playwright keeps an event loop in this thread, where Django would refuse to touch the database.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()
        # While that loop runs, Django keeps connections apart for it. Nobody would close them later.
        connections.close_all()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def seen(tmp_path_factory):
    """The pages that were checked for accessibility in this run, by any of its processes."""
    own = tmp_path_factory.getbasetemp()
    return Seen((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "seen")


@pytest.fixture
def site(live_server, settings, monkeypatch):
    """The portal, served by a thread of this process: whoever moves the time here moves it there."""
    settings.SITE_URL = live_server.url
    cache.clear()  # rate limits outlive a test: the cache's table is none of the models'
    monkeypatch.setattr(nudge, "resting_until", 0.0)
    app.control.purge()
    yield live_server.url
    app.control.purge()


@pytest.fixture
def sink(settings):
    """A real mail server that keeps what it is given."""
    server = Sink()
    server.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = ""
    yield server
    server.stop()


@pytest.fixture
def mailbox(sink, site):
    return Mailbox(sink, site, dispatcher.deliver_due)


@pytest.fixture
def somebody(browser, site, seen, request):
    """Open a browser for one person. When the test fails, it tells what each of them had before their eyes."""
    people = []

    def arrive(**options):
        people.append(Somebody(browser, site, seen, **{"size": DESK, **options}))
        return people[-1]

    yield arrive
    for person in people:
        if request.node.stash.get(FAILED, False):
            print(f"\n=== {person.page.url}\n{person.page.locator('body').inner_text()}")  # noqa: T201 (what they saw)
        person.context.close()
