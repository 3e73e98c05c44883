"""How far apart a cycle keeps its mentors and mentees: one rule, whoever asks, whatever the cycle's setting is."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from matching.market import cycle_market
from matching.models import Pairing
from matching.models.preferences import eligible_mentors
from matching.separation import forbidden_keys, keys_of, would_be_near
from mentoring.accounts import countries
from mentoring.accounts.models import Affiliation, Institution
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from programs import readiness, rule_card
from programs.models import Cycle
from tests import factories
from tests.matching.test_institutions import insert, refusal, sides
from tests.programs.admin_forms import as_shown
from tests.programs.test_cycle_setup import all_errors

Link = Institution.affiliates.through
SIX = range(6)
SETTINGS = [("institution", None), ("institution", 0), ("institution", 1), ("institution", 2), ("country", None),
            ("region", None), ("none", None)]  # fmt: skip
# What the guard of pairings is called in each.
GUARD = {kind: f"pairing_outside_one_{kind}" for kind in ("institution", "country", "region")}
REGION = {letters: number for number, (_name, within) in countries.regions().items() for letters in within}


@st.composite
def worlds(draw):
    """Six institutions with parents, affiliates and countries, and the institutions of a mentee and of a mentor."""
    parents = [draw(st.none() | st.integers(0, below - 1)) if below else None for below in SIX]
    links = draw(st.lists(st.tuples(st.sampled_from(SIX), st.sampled_from(SIX)), max_size=2))
    lands = [draw(st.sampled_from(["US", "CA", "FR", "DE"])) for _ in SIX]
    places = st.lists(st.sampled_from(SIX), max_size=2, unique=True)
    return parents, [(one, other) for one, other in links if one != other], lands, draw(places), draw(places)


def lineage(parents, one, levels=None):
    """An institution and those above it, as many levels up as counts."""
    line = [one]
    while parents[line[-1]] is not None:
        line.append(parents[line[-1]])
    return line if levels is None else line[: levels + 1]


def apart(world, kind, levels):
    """The rule as the README tells it, for every pair of their institutions."""
    parents, links, lands, mentee_at, mentor_at = world
    joined = {*links, *((other, one) for one, other in links)}

    def are_near(one, other):
        if kind == "country":
            return lands[one] == lands[other]
        if kind == "region":
            return REGION[lands[one]] == REGION[lands[other]]
        above, beyond = lineage(parents, one, levels), lineage(parents, other, levels)
        shared = set(above) & set(beyond)
        return bool(shared) or (levels is None and any((a, b) in joined for a in above for b in beyond))

    return kind == "none" or not any(are_near(one, other) for one in mentee_at for other in mentor_at)


class OneRuleTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cycle, cls.manager = factories.cycle(), factories.staff()
        cls.application, cls.interest = sides(cls.cycle, None, None, cls.manager)
        cls.places = [factories.institution() for _ in SIX]
        Affiliation.objects.filter(person__in=[cls.application.applicant, cls.interest.mentor]).delete()

    def settle(self, world):
        parents, links, lands, mentee_at, mentor_at = world
        for place, above, land in zip(self.places, parents, lands, strict=True):
            parent = None if above is None else self.places[above]
            Institution.objects.filter(pk=place.pk).update(parent=parent, country=land)
        Link.objects.bulk_create(
            Link(from_institution=self.places[one], to_institution=self.places[other]) for one, other in set(links)
        )
        for person, at in ((self.application.applicant, mentee_at), (self.interest.mentor, mentor_at)):
            Affiliation.objects.bulk_create(Affiliation(person=person, institution=self.places[one]) for one in at)

    def answers(self):
        """Whether the two are kept apart, by each that has a say: the arrays, both ways round; lists; moves; the guard."""
        cycle = Cycle.objects.get(pk=self.cycle.pk)
        mentee, mentor = self.application.applicant, self.interest.mentor
        for wide, narrow in ((mentee, mentor), (mentor, mentee)):
            (_, theirs), (_, own) = keys_of(cycle, [narrow.pk]), forbidden_keys(cycle, [wide.pk])
            yield not set(theirs.tolist()) & set(own.tolist())
        yield self.interest in eligible_mentors(self.application)
        yield cycle_market(cycle).market.mentee.size == 1
        yield not would_be_near(cycle, mentee.institutions.all(), mentor)
        yield not would_be_near(cycle, mentor.institutions.all(), mentee)
        refused = refusal(insert, self.application, self.interest)
        assert refused in (None, GUARD.get(cycle.separation))
        yield refused is None

    @settings(max_examples=25)
    @given(worlds())
    def test_lists_suggestions_moves_and_the_database_agree(self, world):
        with transaction.atomic():
            self.settle(world)
            for kind, levels in SETTINGS:
                Cycle.objects.filter(pk=self.cycle.pk).update(separation=kind, separation_levels=levels)
                assert {*self.answers()} == {apart(world, kind, levels)}, (kind, levels)
            transaction.set_rollback(True)


@pytest.mark.django_db
def test_many_people_at_once_cost_one_query(django_assert_num_queries):
    cycle = factories.cycle()
    above = factories.institution()
    people = [factories.person(at=factories.institution(parent=above)).pk for _ in range(4)]
    with django_assert_num_queries(1):
        person, key = keys_of(cycle, people)
    assert person.tolist() == sorted(people * 2)
    assert key[1::2].tolist() == sorted(key[1::2].tolist())
    assert (key == above.pk).sum() == 4
    assert [array.dtype.kind for array in (*forbidden_keys(cycle, []), person)] == ["i", "i", "i"]


# --- Moves while a pairing waits for an answer ------------------------------------------------------------------------


def setting(made, kind, levels):
    Cycle.objects.filter(pk=made.pk).update(separation=kind, separation_levels=levels)
    return Cycle.objects.get(pk=made.pk)


def proposed(kind, levels, status="proposed"):
    """A pairing of a mentee at a hospital in the U.S. with a mentor in France, and that hospital's system."""
    now = timezone.now().replace(second=0, microsecond=0)  # as staff type the windows
    made, manager = setting(factories.cycle(now=now), kind, levels), factories.staff()
    system = factories.institution()
    hospital = factories.institution(parent=system)
    mentee = factories.application(made, factories.person(at=hospital), in_status="accepted", manager=manager)
    abroad = factories.person(at=factories.institution(country="FR"))
    mentor = factories.interest(made, abroad, manager=manager)
    return factories.pairing(in_status=status, mentee=mentee, mentor=mentor, manager=manager), hospital, system


def to_the_hospital(hospital, system):
    return hospital


def to_a_sister(hospital, system):
    return factories.institution(parent=system)


def to_the_country(hospital, system):
    return factories.institution(country="US")


def to_the_region(hospital, system):
    return factories.institution(country="CA")


def elsewhere(hospital, system):
    return factories.institution(country="DE")


# Setting, and the moves of the mentor that end the pairing; the others of MOVES do not.
MOVES = [to_the_hospital, to_a_sister, to_the_country, to_the_region, elsewhere]
ENDS = [(("institution", None), 2), (("institution", 0), 1), (("institution", 1), 2), (("country", None), 3),
        (("region", None), 4), (("none", None), 0)]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("rule", "ending"), ENDS)
def test_a_mentor_who_moves_nearer_than_the_cycle_allows_ends_what_was_not_final_and_staff_are_told(
    rule, ending, subtests
):
    for move in MOVES:
        with subtests.test(move.__name__), transaction.atomic():
            pairing, *ends = proposed(*rule)
            before = OutgoingEmail.objects.filter(kind="PairingNeedsStaff").count()
            goal = move(*ends)
            near = move in MOVES[:ending]
            assert (refusal(_join, pairing.mentor, goal) == "affiliation_outside_pending_pairing") is near

            pairing.mentor.move_to([goal])

            assert Pairing.objects.get(pk=pairing.pk).status == ("withdrawn" if near else "proposed")
            assert (OutgoingEmail.objects.filter(kind="PairingNeedsStaff").count() > before) is near
            transaction.set_rollback(True)


def _join(person, institution):
    Affiliation.objects.bulk_create([Affiliation(person=person, institution=institution)])


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "unit"), [("institution", "institution"), ("country", "country"),
                                            ("region", "region of the world")])  # fmt: skip
def test_of_a_mentorship_that_came_together_staff_read_by_which_rule(kind, unit):
    pairing, hospital, _system = proposed(kind, None, "final")
    pairing.mentor.move_to([hospital])
    told = OutgoingEmail.objects.get(kind="PartnersAtOneInstitution")
    assert told.subject == f"A mentorship is now inside one {unit}"
    assert f"Mentor and mentee are never from one {unit}" in told.text
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_change_of_country_is_guarded_like_a_move():
    pairing, hospital, _system = proposed("country", None)
    change = Institution.objects.filter(pk=hospital.pk).update
    assert refusal(lambda: change(country="FR")) == "institution_outside_pending_pairing"
    assert refusal(lambda: change(country="DE")) is None
    pairing.say_no(by=pairing.mentor, received_at=pairing.proposed_at)
    assert refusal(lambda: change(country="FR")) is None


@pytest.mark.django_db
def test_no_institution_ever_stands_above_itself():
    one, two, three = (factories.institution() for _ in range(3))
    Institution.objects.filter(pk=two.pk).update(parent=one)
    Institution.objects.filter(pk=three.pk).update(parent=two)
    closing = Institution.objects.filter(pk=one.pk).update
    assert refusal(lambda: closing(parent=three)) == "institution_not_above_itself"
    assert refusal(lambda: closing(parent=factories.institution())) is None


# --- Another setting --------------------------------------------------------------------------------------------------


def nearer(pairing):
    """Bring the two into one country, which their cycle does not mind."""
    pairing.mentor.move_to([factories.institution(country="US")])


@pytest.mark.django_db
def test_a_setting_that_an_open_pairing_breaks_is_refused_by_database_and_form(client):
    pairing, *_ = proposed("institution", None)
    nearer(pairing)
    rows = Cycle.objects.filter(pk=pairing.cycle_id)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        rows.update(separation="country")
    assert error.value.__cause__.diag.constraint_name == "cycle_outside_pending_pairing"

    pairing.cycle.windows.exclude(kind="applications").delete()  # those of the factory are not in order
    client.force_login(factories.staff())
    url, data = shown_page(client, pairing.cycle)
    page = client.post(url, {**data, "separation": "country"})
    assert "The two people of an open pairing are nearer than this would allow. End that pairing first." in all_errors(
        page
    )
    pairing.withdraw(by=factories.staff(), why="Another rule.")
    page = client.post(url, {**data, "separation": "country"})
    assert page.status_code == 302, all_errors(page)
    assert rows.get().separation == "country"


def shown_page(client, made):
    url = f"/admin/programs/cycle/{made.pk}/change/"
    return url, as_shown(client.get(url))


@pytest.mark.django_db
def test_levels_go_with_institutions_only(client):
    made = factories.cycle()
    client.force_login(factories.staff())
    url, data = shown_page(client, made)
    page = client.post(url, {**data, "separation": "region", "separation_levels": "1"})
    assert "Levels of parents are 0 to 9, and empty unless people are from different institutions." in all_errors(page)


# --- What people read -------------------------------------------------------------------------------------------------

SAID = [
    (
        ("institution", None),
        "never from one institution, its parents or its affiliates",
        "from outside your own institution",
    ),
    (("institution", 0), "never from one institution; others of one system count", "from outside your own institution"),
    (("institution", 2), "share a parent up to 2 levels above", "from outside your own institution"),
    (("country", None), "never from one country.", "from outside your own country"),
    (("region", None), "never from one region of the world.", "from outside your own region of the world"),
    (("none", None), "may be from one institution.", "mentors from anywhere"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("rule", "told", "whom"), SAID)
def test_every_page_and_mail_tells_the_rule_that_holds(rule, told, whom, client):
    made, manager = setting(factories.cycle(), *rule), factories.staff()
    mentee = factories.application(made, in_status="accepted", manager=manager)
    assert told in client.get(f"/programs/{made.program.slug}/").content.decode()
    assert any(told in sentence for _title, section in rule_card.card(made).sections for sentence in section)
    client.force_login(mentee.applicant)
    assert whom in client.get(mentee.preference_list.get_absolute_url()).content.decode()
    client.force_login(manager)
    assert told in client.get(f"/admin/programs/cycle/{made.pk}/overview/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "sentence"), [("country", "from one country"), ("region", "from one region of the world")]
)
def test_staff_who_pair_by_hand_read_the_rule_that_forbids_it(kind, sentence):
    made, manager = setting(factories.cycle(), kind, None), factories.staff()
    application, interest = sides(made, None, None, manager)
    with pytest.raises(TransitionRefused, match=sentence):
        Pairing.draft(application, interest, by=manager)


@pytest.mark.django_db
def test_a_cycle_without_separation_is_not_published_under_a_promise_of_one():
    made = setting(factories.cycle(), "none", None)
    assert [each for each in readiness.texts_keep_apart(made)] == [
        f"The program’s text “{name}” promises a mentor from outside one’s institution; this cycle does not."
        for name in ("summary", "purpose")
    ]
    assert list(readiness.texts_keep_apart(setting(made, "institution", 0))) == []


def test_every_country_lies_in_one_region():
    letters = [each for _name, within in countries.regions().values() for each in within]
    assert len(letters) == len(set(letters)) == 250
    assert dict(countries.choices())["CI"] == "Côte d’Ivoire"
