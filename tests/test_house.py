"""What holds for the whole house, wherever somebody adds to it."""

import ast
import re
import subprocess
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.db import models
from django.db.models import ProtectedError
from django.template import engines
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from applications.models import Application, MentorInterest
from matching import standing as matching_standing
from matching.models import Pairing, SuggestionRun
from mentoring.accounts.models import User
from mentoring.accounts.roles import MANAGER
from mentoring.notifications import texts
from mentoring.notifications.email import registry
from mentoring.portal.cards import cards_for
from mentoring.staff import dashboard
from mentoring.workflow import edges
from tests import factories

ROOT = Path(__file__).resolve().parent.parent
OURS = ["mentoring", "programs", "applications", "matching"]
TEMPLATES = ROOT / "templates"


def sources(*folders, ending="py"):
    """The files under our folders, without the migrations."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob(f"*.{ending}"))]
    return [path for path in found if "migrations" not in path.parts]


def tracked():
    """Every file of the repository, or would-be file: what git lists, and what it does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("This is no clone with git, so there is no list of the repository's files.")
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


# --- Templates -------------------------------------------------------------------------------------------------------


@cache
def everything_that_names_templates():
    return "\n".join(path.read_text() for path in [*sources(*OURS), *sources("templates", ending="html")])


def shipped_templates():
    return sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))


def shadows_a_package(name):
    """Whether an installed package has a template of this name, which ours takes the place of."""
    installed = [Path(config.path) for config in apps.get_app_configs() if config.name.split(".")[0] not in OURS]
    return any((folder / "templates" / name).exists() for folder in installed)


# Django looks for these by their names, and allauth for the one about too many tries.
BY_NAME = {"400.html", "403.html", "404.html", "429.html", "500.html"}


@pytest.mark.parametrize("name", shipped_templates())
def test_every_template_compiles_and_is_used(name):
    get_template(name)
    assert name in BY_NAME or shadows_a_package(name) or f'"{name}"' in everything_that_names_templates()


def url_tags():
    found = set()
    for path in sources("templates", ending="html"):
        for name, rest in re.findall(r"""\{%\s*url\s+["']([\w:-]+)["']([^%]*)%\}""", path.read_text()):
            arguments = re.split(r"\s+as\s+", rest)[0].split()
            found.add((name, len(arguments), str(path.relative_to(TEMPLATES))))
    return sorted(found)


def test_every_link_in_a_template_leads_somewhere():
    broken = [(name, file) for name, count, file in url_tags() if not resolves(name, count)]
    assert broken == []


def resolves(name, count):
    """Whether there is an address of this name with so many arguments."""
    for example in ("1", "word", "programs"):
        try:
            reverse(name, args=[example] * count)
        except NoReverseMatch:
            continue
        return True
    return False


def test_the_link_check_can_fail():
    assert not resolves("programs:nowhere", 0)
    assert not resolves("programs:program", 0)
    assert resolves("programs:program", 1)


# --- Code ------------------------------------------------------------------------------------------------------------


def calls(path):
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


def name_of(call):
    return ast.unparse(call.func)


def test_a_status_changes_only_by_a_transition():
    """``.update(status=…)`` passes by the lock, the checks, the audit row and the mail."""
    offences = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources(*OURS)
        for call in calls(path)
        if name_of(call).endswith((".update", ".bulk_update"))
        and (any(word.arg == "status" for word in call.keywords) or "'status'" in ast.unparse(call))
    ]
    assert offences == []


# A naive moment is one that nobody can say the time of. Lint has rules for these too; it can be told to look away.
NAIVE = re.compile(r"\b(date\.today|datetime\.now|datetime\.today|datetime\.utcnow|datetime\.fromtimestamp)$")


def test_no_date_without_a_zone():
    offences = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources(*OURS, "tests", "bin", "benchmarks")
        for call in calls(path)
        if NAIVE.search(name_of(call))
        and not call.args[name_of(call).endswith("fromtimestamp") :]
        and not call.keywords
    ]
    assert offences == []


def test_every_status_is_moved_by_transitions_that_say_who():
    """Whatever has a status in a portal's workflow has edges, and each takes ``by=``."""
    for model in (Application, MentorInterest, Pairing, SuggestionRun):
        assert {source for _verb, source, _to in edges(model)} <= set(model.Status.values)
        reached = {to for _verb, _source, to in edges(model)} | {model._meta.get_field("status").default}
        assert reached == set(model.Status.values), f"{model.__name__} has a status that nothing leads to"


@pytest.mark.django_db
def test_no_migration_is_missing():
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert "No changes detected" in out.getvalue()


# --- What must not be in the repository ------------------------------------------------------------------------------

MACHINE = re.compile(
    r"/(?:home|Users)/[a-z]\w+/"
    r"|(?<![\w.])/(?:work|root)/[\w.]"
    r"|https?://(?:[\w.-]*\.)?(?:pypi|pythonhosted|npmjs|npmmirror|artifactory|nexus|jfrog)\b"
    r"|--(?:extra-)?index-url[ =]\S|\bindex-url\s*=|\bregistry\s*=\s*http"
)


def test_no_machine_and_no_registry_is_named():
    offences = []
    for path in tracked():
        if path == Path(__file__):
            continue
        text = path.read_bytes().decode(errors="ignore")
        offences += [f"{path.relative_to(ROOT)}: {found[0]}" for found in MACHINE.finditer(text)]
    assert offences == []


@pytest.mark.parametrize(
    "line", ["/home/ada/portal/", "see /" + "root/.cache", "index-url = x", "https://pypi.example.org/"]
)
def test_the_search_for_machines_can_fail(line):
    assert MACHINE.search(line)


# --- Emails ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(registry))
def test_every_email_reads_well_with_its_examples(kind):
    email = registry[kind]
    subject, body = email.shipped()
    assert email.errors(subject, body) == {}
    subject, text, html = email.preview(subject, body)
    assert not texts.MARKS.search(subject + text)
    used = set(texts.PLACEHOLDER.findall("".join(email.shipped())))
    unused = set(email.placeholders) - used
    assert unused <= {"program"}, f"{kind} asks for {unused} and does not say it"
    assert email.purpose(), "Staff read in the docstring to whom it goes, and when"
    assert email.reason, "Whoever gets it reads why"
    assert 'href="https://' in html, "A mail leads to where the work is"
    assert "!" not in subject + text


def test_every_shipped_text_belongs_to_an_email():
    shipped = {
        str(path.relative_to(TEMPLATES)) for folder in OURS for path in (TEMPLATES / folder).rglob("email/*.txt")
    }
    assert shipped == {email.template for email in registry.values() if not email.__module__.startswith("tests")}


# --- The staff's side ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_queue_on_the_dashboard_opens():
    client = Client()
    client.force_login(factories.staff(MANAGER, is_superuser=True))
    assert dashboard.queues
    for queue in dashboard.queues:
        assert isinstance(queue.rows().count(), int)
        response = client.get(queue.url())
        assert response.status_code == 200, queue.title
        # A filter that the list does not know is dropped by a redirect or an ``?e=1``.
        assert "e=1" not in response.request["QUERY_STRING"], queue.title


@pytest.mark.django_db
def test_a_queue_counts_what_its_list_shows():
    manager = factories.staff(MANAGER)
    factories.application(in_status="submitted")
    factories.interest(in_status="submitted")
    client = Client()
    client.force_login(manager)
    for queue in dashboard.queues:
        if "?" in queue.url():
            shown = client.get(queue.url()).context["cl"].result_count
            assert shown == queue.rows().count(), queue.title


def test_a_status_is_never_edited_by_hand():
    for model, model_admin in admin.site._registry.items():
        if hasattr(model, "status") and model._meta.app_label in {"applications", "matching", "notifications"}:
            assert not model_admin.has_change_permission(request_of_a_superuser()), model.__name__


def request_of_a_superuser():
    request = RequestFactory().get("/")
    request.user = User(is_staff=True, is_superuser=True)
    return request


# What can be deleted in the admin, because nothing of the programs is lost with it.
MAY_BE_DELETED = {"notifications.EmailText", "auth.Group", "account.EmailAddress", "mfa.Authenticator",
                  "usersessions.UserSession", "programs.Example", "matching.Confidant"}  # fmt: skip


def test_what_has_a_history_cannot_be_deleted_even_by_a_superuser():
    deletable = {
        model._meta.label
        for model, model_admin in admin.site._registry.items()
        if model_admin.has_delete_permission(request_of_a_superuser())
    }
    assert deletable <= MAY_BE_DELETED


@pytest.mark.django_db
def test_the_database_keeps_what_others_lean_on():
    pairing = factories.pairing(in_status="proposed")
    for row in (pairing.application, pairing.interest, pairing.place, pairing.cycle, pairing.mentee):
        with pytest.raises(ProtectedError):
            row.delete()


# --- The portal's side -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("status", Application.Status.values)
def test_every_status_of_an_application_has_its_card(status):
    application = factories.application(in_status=status)
    assert_card(application.applicant, "Your application", application)


@pytest.mark.django_db
@pytest.mark.parametrize("status", MentorInterest.Status.values)
def test_every_status_of_a_mentor_interest_has_its_card(status):
    interest = factories.interest(in_status=status)
    assert_card(interest.mentor, "Mentoring", interest)


@pytest.mark.django_db
@pytest.mark.parametrize("status", [status for status in Pairing.Status.values if status != "drafted"])
def test_every_status_of_a_shared_pairing_has_its_card(status):
    pairing = factories.pairing(in_status=status)
    for person, title in ((pairing.mentee, "mentor"), (pairing.mentor, "mentee")):
        (card,) = [card for card in cards_for(person) if card["url"] == pairing.get_absolute_url()]
        assert title in card["title"]
        assert card["sentence"].endswith(".")
        page = client_of(person).get(pairing.get_absolute_url())
        assert matching_standing.of_pairing(pairing, person)["sentence"] in page.content.decode().replace("&#x27;", "'")


@pytest.mark.django_db
def test_a_drafted_pairing_has_no_card_and_no_page():
    pairing = factories.pairing(in_status="drafted")
    for person in (pairing.mentee, pairing.mentor):
        assert not [card for card in cards_for(person) if card["url"] == pairing.get_absolute_url()]
        assert client_of(person).get(pairing.get_absolute_url()).status_code == 404


def assert_card(person, title, row):
    (card,) = [card for card in cards_for(person) if card["title"] == title]
    assert card["sentence"].endswith(".")
    assert card["tone"] in {"", "now", "good", "wait", "bad"}
    assert client_of(person).get(row.get_absolute_url()).status_code == 200


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def test_texts_for_people_do_not_shout():
    """No exclamation mark in a sentence of a page."""
    offences = []
    for path in sources("templates", ending="html"):
        markup = r"\{[%#].*?[%#]\}|\{\{.*?\}\}|<!--.*?-->|<style.*?</style>|<[^>]*>"
        text = re.sub(markup, " ", path.read_text(), flags=re.DOTALL)
        if "!" in text:
            offences.append(str(path.relative_to(TEMPLATES)))
    assert offences == []


def test_every_model_of_ours_says_its_name():
    """A row that nobody can name cannot be spoken of in the history."""
    silent = [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.split(".")[0] in OURS and model.__str__ is models.Model.__str__
    ]
    assert silent == []


def test_templates_are_read_from_one_place():
    assert [Path(folder) for folder in engines["django"].dirs] == [TEMPLATES]
