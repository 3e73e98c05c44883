"""How many queries each list page makes: the same with one row and with thirty."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.models import Decision, Outcome
from applications.models.decisions import decide
from applications.models.waivers import waive
from applications.release import fingerprint, release
from matching.models import PreferenceList, SuggestionRun
from matching.ranking import Ranking
from matching.solve import solve
from mentoring.accounts.roles import MANAGER, ROLES
from programs import load
from programs.models import Window, WindowKind
from tests import factories

pytestmark = pytest.mark.django_db

# page -> how many queries
QUERIES = {
    "programs": 2,
    "home": 14,
    "preferences": 9,
    "profile": 3,
    "list of applications_application": 12,
    "list of applications_mentorinterest": 10,
    "list of matching_preferencelist": 8,
    "list of matching_pairing": 8,
    "list of matching_suggestionrun": 9,
    "list of accounts_user": 8,
    "list of accounts_institution": 7,
    "list of notifications_outgoingemail": 10,
    "list of notifications_emailtext": 8,
    "list of audit_event": 11,
    "list of programs_cycle": 9,
    "list of programs_program": 7,
    "list of programs_rule": 8,
    "dashboard": 24,
    "workbenches": 7,
    "workbench": 11,
    "choose": 30,
    "propose": 18,
    "release": 10,
    "kinds of email": 5,
    "one application": 22,
    "waivers": 5,
}


class Scene:
    """``size`` of everything that a list shows."""

    def __init__(self, size):
        self.size = size
        self.manager = factories.staff(MANAGER, name="Morgan Manager")
        self.manager.groups.set(Group.objects.filter(name__in=ROLES))
        self.cycle, self.deciding = factories.cycle("dmp"), factories.cycle("vmp")
        self.mentees = self.accepted_mentees()
        self.mentors = [factories.interest(self.cycle, places=1, manager=self.manager) for _ in range(size)]
        for mentee in self.mentees:
            chosen = [mentor.pk for mentor in self.mentors[:5]]
            mentee.preference_list.submit(by=mentee.applicant, received_at=timezone.now(), ranking=Ranking(chosen))
        run = solve(self.cycle, "on_list_first", by=self.manager)
        SuggestionRun.objects.bulk_create(
            SuggestionRun(
                cycle=run.cycle,
                policy=run.policy,
                computed_by=self.manager,
                digest="",
                figures=run.figures,
                status="done",
                finished_at=run.finished_at,
            )
            for _ in range(size - 1)
        )
        for _ in range(size):
            submitted = factories.application(self.deciding, in_status="submitted")
            decide(submitted, Outcome.WAITLIST, by=self.manager)
            waive(submitted, "online", by=self.manager, reason="Ill.")
            factories.interest(self.deciding, in_status="submitted")
        self.somebody = factories.person("Sol Somebody")
        self.home_of_somebody()
        self.more_programs()

    def accepted_mentees(self):
        """Accepted all at once, as staff do."""
        rows = [factories.application(self.cycle, in_status="submitted") for _ in range(self.size)]
        for row in rows:
            decide(row, Outcome.ACCEPT, by=self.manager)
        release(self.cycle, by=self.manager, seen=fingerprint(Decision.objects.ready(self.cycle)))
        return [each.application for each in PreferenceList.objects.filter(application__in=rows)]

    def home_of_somebody(self):
        """A card of each kind: an application, an offer to mentor, a mentee's list, a pairing; again and again."""
        for _ in range(-(-self.size // 4)):
            factories.application(factories.cycle("vmp"), self.somebody, in_status="submitted")
            factories.interest(factories.cycle("vmp"), self.somebody, manager=self.manager)
            mentee = factories.application(
                factories.cycle("dmp"), self.somebody, in_status="accepted", manager=self.manager
            )
            factories.pairing(in_status="proposed", mentee=mentee, manager=self.manager)

    def more_programs(self):
        for number in range(self.size):
            name = f"Program {number}"
            data = load.read()["vmp"] | {"slug": f"program-{number}", "name": name, "abbreviation": f"P{number}"}
            begins = timezone.now().date() + timedelta(days=60)
            ends = begins + timedelta(days=300)
            each = {"label": "1", "slug": f"program-{number}-1", "term_begins": begins, "term_ends": ends}
            made = load.load_cycle(data, each)
            now = timezone.now()
            for kind in WindowKind.values:
                opens, closes = now - timedelta(days=1), now + timedelta(days=9)
                Window.objects.create(cycle=made, kind=kind, opens_at=opens, closes_at=closes)

    def pages(self):
        """page -> (who looks, address)"""
        staff = {
            f"list of {model}": reverse(f"admin:{model}_changelist")
            for model in (
                "applications_application", "applications_mentorinterest", "matching_preferencelist", "matching_pairing",
                "matching_suggestionrun", "accounts_user", "accounts_institution", "notifications_outgoingemail",
                "notifications_emailtext", "audit_event", "programs_cycle", "programs_program", "programs_rule",
            )
        }  # fmt: skip
        staff |= {
            "dashboard": reverse("admin:index"),
            "workbenches": reverse("admin:matching_workbenches"),
            "workbench": reverse("admin:matching_workbench", args=[self.cycle.pk]),
            "choose": reverse("admin:matching_choose", args=[self.mentees[0].pk]),
            "propose": reverse("admin:matching_propose", args=[self.cycle.pk]),
            "release": reverse("admin:applications_release", args=[self.deciding.pk]),
            "waivers": reverse("admin:applications_waivers"),
            "kinds of email": reverse("admin:notifications_emailtext_kinds"),
            "one application": reverse("admin:applications_application_change", args=[self.mentees[0].pk]),
        }
        preferences = self.mentees[0].preference_list.get_absolute_url()
        return {
            "programs": (None, reverse("programs:index")),
            "home": (self.somebody, reverse("home")),
            "preferences": (self.mentees[0].applicant, preferences),
            "profile": (self.somebody, reverse("account_profile")),
            **{page: (self.manager, address) for page, address in staff.items()},
        }


def measured(scene):
    """How many queries each page of the scene takes, once what is kept between requests is there."""
    with connection.cursor() as cursor:
        # Statistics taken by the server while nothing of this was committed would say that the tables are empty.
        cursor.execute("ANALYZE")
    found = {}
    for page, (person, address) in scene.pages().items():
        client = Client()
        if person:
            client.force_login(person)
        assert client.get(address).status_code == 200, page
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        found[page] = len(queries)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 30])
def test_a_page_takes_as_many_queries_with_thirty_rows_as_with_one(size):
    assert measured(Scene(size)) == QUERIES


def test_the_home_of_the_scene_has_a_card_of_each_kind():
    scene = Scene(1)
    client = Client()
    client.force_login(scene.somebody)
    assert len(client.get(reverse("home")).context["cards"]) == 4
