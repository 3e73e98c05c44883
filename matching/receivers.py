"""What to do when an application, a mentor interest or a person below moves."""

from django.db.models import Q
from django.db.models.signals import post_save
from django.dispatch import receiver

from applications.models import Application, MentorInterest
from matching import emails, while_applying
from matching.models import Pairing, PreferenceList
from matching.querysets import LIVE, PENDING
from matching.separation import would_be_near
from mentoring.accounts.merging import merging
from mentoring.accounts.models import User
from mentoring.accounts.models.people import moving
from mentoring.accounts.roles import MANAGER
from mentoring.workflow import lock, transitioned


@receiver(post_save, sender=Application)
def begin_list(instance, created, **kwargs):
    """Where mentors are ranked with the application, the list begins with it."""
    if created and instance.cycle.ranks_while_applying:
        PreferenceList.objects.create(application=instance)


@receiver(transitioned, sender=Application)
def follow_application(instance, name, by, details, **kwargs):
    """An accepted mentee gets a preference list, or has it since they applied; one who leaves leaves their pairing too."""
    if name == "accept":
        PreferenceList.objects.get_or_create(application=instance)
    if name == "submit" and (own := while_applying.list_of(instance)):
        own.hand_in_with_application(details["received_at"])
    if name == "withdraw":
        end_pairings(instance.pairings, by, "The mentee withdrew from the program.")


@receiver(transitioned, sender=MentorInterest)
def follow_mentor(instance, name, by, **kwargs):
    """A mentor who leaves leaves their pairings; one who pauses keeps those that were shared."""
    if name == "withdraw":
        end_pairings(instance.pairings, by, "The mentor withdrew from this cycle.")
    if name == "pause":
        for pairing in instance.pairings.filter(status="drafted"):
            pairing.discard(by=by, reason="The mentor paused.")


@receiver(moving)
def follow_move(person, institutions, **kwargs):
    """Someone comes too near their partner, by the cycle's rule: what was not final ends, a mentorship goes on, staff are told."""
    for pairing in Pairing.objects.filter(status__in=["final", "active"]).of(person).for_reading():
        if would_be_near(pairing.cycle, institutions, pairing.partner_of(person)):
            for manager in User.objects.in_role(MANAGER):
                emails.PartnersAtOneInstitution.of(pairing, manager, person, institutions).queue()
    for pairing in Pairing.objects.pending().of(person).order_by("pk"):
        lock(pairing)
        partner = pairing.partner_of(person)
        if pairing.status in PENDING and would_be_near(pairing.cycle, institutions, partner):
            end_pairing(
                pairing, person, f"{person} moved, and is now in one {pairing.cycle.apart.unit} with {partner}."
            )


@receiver(merging)
def name_pairings(gone, **kwargs):
    """The pairings that are not final of people at an institution that is to be merged into another, as staff know them."""
    there = gone.affiliations.values("person")
    rows = Pairing.objects.pending().filter(Q(mentee__in=there) | Q(mentor__in=there)).for_reading()
    return [
        f"{row.mentee} with {row.mentor}, {row.cycle.short_name}, {row.get_status_display().lower()}" for row in rows
    ]


def end_pairings(pairings, by, why):
    for pairing in pairings.live().order_by("pk"):
        end_pairing(pairing, by, why)


def end_pairing(pairing, by, why):
    """End a live pairing in the way its state allows; locked first, because its other side may answer at this moment."""
    lock(pairing)
    if pairing.status == "drafted":
        pairing.discard(by=by, reason=why)
    elif pairing.is_open:
        pairing.withdraw(by=by, why=why)
    elif pairing.status in LIVE:
        pairing.end_early(by=by, why=why)
