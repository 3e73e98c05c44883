"""No pairing inside one institution, its parent or its affiliates: not by a page, not by SQL, not by a later change."""

from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import TestCase

from matching.models import Pairing
from mentoring.accounts.models import Affiliation, Institution
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from tests import factories

pytestmark = pytest.mark.django_db
Link = Institution.affiliates.through


def at(parent=None):
    return factories.institution(parent=parent)


def affiliated(one, other):
    one.affiliates.add(other)


def linked_one_way(one, other):
    """As a script might write it: the link from one side only."""
    Link.objects.create(from_institution=one, to_institution=other)


def same():
    one = at()
    return one, one


def parent():
    above = at()
    return at(above), above


def grandparent():
    top = at()
    return at(at(top)), top


def siblings():
    above = at()
    return at(above), at(above)


def cousins():
    top = at()
    return at(at(top)), at(at(top))


def affiliates(link=affiliated):
    one, other = at(), at()
    link(one, other)
    return one, other


def affiliates_of_a_parent(link=affiliated):
    above, other = at(), at()
    link(above, other)
    return at(above), other


def below_two_affiliates(link=affiliated):
    above, beyond = at(), at()
    link(above, beyond)
    return at(above), at(beyond)


RELATED = [same, parent, grandparent, siblings, cousins, affiliates, affiliates_of_a_parent, below_two_affiliates]
ONE_WAY = [affiliates, affiliates_of_a_parent, below_two_affiliates]


def unrelated():
    return at(), at()


def affiliate_of_an_affiliate():
    one, between, other = at(), at(), at()
    affiliated(one, between)
    affiliated(between, other)
    return one, other


def affiliate_of_a_sibling():
    one, sibling = siblings()
    other = at()
    affiliated(sibling, other)
    return one, other


def sides(cycle, mentee_at, mentor_at, manager):
    mentee, mentor = factories.person(at=mentee_at), factories.person(at=mentor_at)
    application = factories.application(cycle, mentee, in_status="accepted", manager=manager)
    return application, factories.interest(cycle, mentor, manager=manager)


def insert(application, interest, **facts):
    """The row as SQL writes it, past every method of the models."""
    row = Pairing(cycle=application.cycle, application=application, interest=interest, place=interest.places.first(),
                  mentee=application.applicant, mentor=interest.mentor, **facts)  # fmt: skip
    Pairing.objects.bulk_create([row])


def refusal(act, *arguments):
    """The name of the constraint that refuses; None if nothing does. What was done is taken back."""
    try:
        with transaction.atomic():
            act(*arguments)
            transaction.set_rollback(True)
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name
    return None


class PairingsTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cycle, cls.manager = factories.cycle(), factories.staff()
        cls.application, cls.interest = sides(cls.cycle, None, None, cls.manager)

    def settle(self, mentee_at, mentor_at):
        Affiliation.objects.filter(person__in=[self.application.applicant, self.interest.mentor]).delete()
        Affiliation.objects.create(person=self.application.applicant, institution=mentee_at)
        Affiliation.objects.create(person=self.interest.mentor, institution=mentor_at)

    def test_related_people_are_never_paired(self):
        families = [(family.__name__, family()) for family in RELATED]
        families += [(f"{family.__name__}, one way", family(linked_one_way)) for family in ONE_WAY]
        for (name, ends), swapped in product(families, [False, True]):
            with self.subTest(name, swapped=swapped):
                self.settle(*(ends[::-1] if swapped else ends))
                assert refusal(insert, self.application, self.interest) == "pairing_outside_one_institution"
                with pytest.raises(TransitionRefused, match="belong to one institution, as this cycle counts it"):
                    Pairing.draft(self.application, self.interest, by=self.manager)
                assert self.interest not in self.application.preference_list.eligible_mentors()

    def test_others_can_be(self):
        for family, swapped in product([unrelated, affiliate_of_an_affiliate, affiliate_of_a_sibling], [False, True]):
            with self.subTest(family.__name__, swapped=swapped):
                self.settle(*(family()[::-1] if swapped else family()))
                assert refusal(insert, self.application, self.interest) is None
                assert self.interest in self.application.preference_list.eligible_mentors()

    def test_one_shared_institution_among_several_is_enough(self):
        shared = at()
        self.settle(at(), at())
        Affiliation.objects.create(person=self.application.applicant, institution=shared)
        Affiliation.objects.create(person=self.interest.mentor, institution=shared)
        assert refusal(insert, self.application, self.interest) == "pairing_outside_one_institution"


# --- Changes that would bring the two of a pairing together ----------------------------------------------------------


def join(pairing, mentee_at, mentor_at):
    Affiliation.objects.bulk_create([Affiliation(person=pairing.mentee, institution=mentor_at)])


def join_the_mentee(pairing, mentee_at, mentor_at):
    Affiliation.objects.bulk_create([Affiliation(person=pairing.mentor, institution=mentee_at)])


def go_over(pairing, mentee_at, mentor_at):
    Affiliation.objects.filter(person=pairing.mentee).update(institution=mentor_at)


def put_below(pairing, mentee_at, mentor_at):
    Institution.objects.filter(pk=mentee_at.pk).update(parent=mentor_at)


def put_below_one(pairing, mentee_at, mentor_at):
    Institution.objects.filter(pk__in=[mentee_at.pk, mentor_at.pk]).update(parent=at())


def merge_above(pairing, mentee_at, mentor_at):
    Institution.objects.filter(pk=mentee_at.pk).update(parent=at(at()))
    Institution.objects.filter(pk=mentor_at.pk).update(parent=Institution.objects.get(pk=mentee_at.pk).parent.parent)


def link(pairing, mentee_at, mentor_at):
    Link.objects.bulk_create([Link(from_institution=mentee_at, to_institution=mentor_at)])


def link_back(pairing, mentee_at, mentor_at):
    Link.objects.bulk_create([Link(from_institution=mentor_at, to_institution=mentee_at)])


def link_to_a_parent(pairing, mentee_at, mentor_at):
    above = at()
    Institution.objects.filter(pk=mentee_at.pk).update(parent=above)
    Link.objects.bulk_create([Link(from_institution=mentor_at, to_institution=above)])


CHANGES = {
    join: "affiliation_outside_pending_pairing",
    join_the_mentee: "affiliation_outside_pending_pairing",
    go_over: "affiliation_outside_pending_pairing",
    put_below: "institution_outside_pending_pairing",
    put_below_one: "institution_outside_pending_pairing",
    merge_above: "institution_outside_pending_pairing",
    link: "institution_outside_pending_pairing",
    link_back: "institution_outside_pending_pairing",
    link_to_a_parent: "institution_outside_pending_pairing",
}


def apart(status):
    mentee_at, mentor_at = at(), at()
    manager = factories.staff()
    pairing = factories.pairing(in_status="drafted", manager=manager)
    pairing.mentee.move_to([mentee_at])
    pairing.mentor.move_to([mentor_at])
    if status != "drafted":
        pairing.propose(by=manager)
    yes = {"confirmed": [pairing.mentee], "final": [pairing.mentee, pairing.mentor]}
    yes["active"] = yes["final"]
    for person in yes.get(status, []):
        pairing.say_yes(by=person, received_at=pairing.proposed_at)
    if status == "active":
        pairing.begin(by=None)
    return pairing, mentee_at, mentor_at


@pytest.mark.parametrize("status", ["drafted", "proposed", "confirmed"])
def test_nothing_brings_the_two_of_a_pending_pairing_together(status, subtests):
    ends = apart(status)
    for change, name in CHANGES.items():
        with subtests.test(change.__name__):
            assert refusal(change, *ends) == name


@pytest.mark.parametrize("status", ["final", "active"])
def test_once_both_have_agreed_life_goes_on(status, subtests):
    ends = apart(status)
    for change in CHANGES:
        with subtests.test(change.__name__):
            assert refusal(change, *ends) is None


def test_a_pairing_does_not_become_final_between_people_who_came_together():
    """Not even where the change itself slipped past the guard."""
    pairing, mentee_at, mentor_at = apart("confirmed")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_affiliation DISABLE TRIGGER affiliation_guard")
        join(pairing, mentee_at, mentor_at)
        cursor.execute("ALTER TABLE accounts_affiliation ENABLE TRIGGER affiliation_guard")

    with pytest.raises(TransitionRefused, match="belong to one institution"):
        pairing.say_yes(by=pairing.mentor, received_at=pairing.proposed_at)

    assert Pairing.objects.get(pk=pairing.pk).status == "confirmed"


@pytest.mark.parametrize(
    ("status", "after"), [("drafted", "withdrawn"), ("proposed", "withdrawn"), ("confirmed", "withdrawn"),
                          ("final", "final")]
)  # fmt: skip
def test_who_moves_to_the_partners_institution_ends_what_was_not_final_and_staff_are_told(status, after):
    pairing, _mentee_at, mentor_at = apart(status)
    before = OutgoingEmail.objects.filter(kind="PairingNeedsStaff").count()

    pairing.mentee.move_to([mentor_at])

    moved = Pairing.objects.get(pk=pairing.pk)
    assert moved.status == after
    # A draft was known to staff only; of a mentorship staff are told by its page.
    told = OutgoingEmail.objects.filter(kind="PairingNeedsStaff").count() - before
    assert (told > 0) is (status in ("proposed", "confirmed"))
    assert [each.institution for each in pairing.mentee.affiliations.all()] == [mentor_at]


@pytest.mark.parametrize("field", ["parent", "affiliates"])
def test_staff_read_which_pairing_stands_against_a_change_of_institutions(client, field):
    _pairing, mentee_at, mentor_at = apart("proposed")
    client.force_login(factories.staff())
    typed = {"name": mentee_at.name, "country": "US", "checked": "on", field: mentor_at.pk, "kind": "other",
             "aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0}  # fmt: skip

    page = client.post(f"/admin/accounts/institution/{mentee_at.pk}/change/", typed, follow=True)

    assert page.status_code == 200
    assert (
        "This would bring the two people of an open pairing nearer than their cycle allows. End that pairing first."
        in page.content.decode()
    )
    mentee_at.refresh_from_db()
    assert (mentee_at.parent, list(mentee_at.affiliates.all())) == (None, [])
