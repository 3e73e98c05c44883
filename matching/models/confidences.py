"""What someone says in confidence: "not this person". It bans the pair; who may read it are two named people and nobody else."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from matching.models.pairing import Pairing
from matching.querysets import ConfidenceQuerySet
from mentoring.accounts.models import User
from mentoring.audit.models import record
from mentoring.constraints import say
from mentoring.workflow import TransitionRefused
from programs.models import Cycle

# The same for every pair that the rules do not allow, so that it tells nothing of why.
say("pairing_is_allowed", "These two cannot be paired under the rules of this cycle.")
say(
    "mentor_has_room_in_all",
    "This mentor has as many mentees as they can take on at one time, over all programs.",
)
say(
    "user_limit_covers_live_pairings",
    "More mentees than that are with you already, over all programs. Their pairings stay. Give at least their number as the "
    "limit, or leave it empty and pause: then nobody new is proposed to you.",
)


class Confidence(models.Model):
    """One person would not be paired with another, in any cycle, until they take it back.

    It leaves no row in the history, which many may read; the row itself says when it was said and when it was taken back.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+", help_text="The cycle in which it was said.")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    words = models.TextField(blank=True)
    said_at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True)

    objects = ConfidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-said_at", "-id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["said_by", "about"],
                condition=Q(taken_back_at__isnull=True),
                name="confidence_once_about_a_person",
                violation_error_message="You have told us already.",
            ),
            models.CheckConstraint(
                condition=~Q(said_by=F("about")),
                name="confidence_about_another",
                violation_error_message="This is about somebody else than you.",
            ),
        ]

    def __str__(self):
        return f"confidence {self.pk}"

    def take_back(self):
        """The two may be paired again, unless the other said the same."""
        type(self).objects.filter(pk=self.pk, taken_back_at=None).update(taken_back_at=timezone.now())


class ConfidentialNote(models.Model):
    """What someone tells the two named people of a cycle's staff without naming a person of the portal."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    words = models.TextField()
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-said_at", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(words=""),
                name="confidential_note_says_something",
                violation_error_message="Please write a few words.",
            )
        ]

    def __str__(self):
        return f"confidential note {self.pk}"


class Confidant(models.Model):
    """One of the two people on staff who read what is said in confidence. A role gives nobody this; being named here does."""

    NUMBERS = [(1, "First"), (2, "Second")]

    number = models.PositiveSmallIntegerField(choices=NUMBERS, unique=True)
    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="confidant")

    class Meta:
        ordering = ["number"]
        verbose_name, verbose_name_plural = "person for confidences", "people for confidences"
        constraints = [
            models.CheckConstraint(
                condition=Q(number__in=[1, 2]),
                name="confidants_are_two",
                violation_error_message="Two people read confidences, and no more.",
            )
        ]

    def __str__(self):
        return str(self.person)


def is_confidant(person):
    """Whether this person is one of the two, may still sign in, and is on staff."""
    return person.is_active and person.is_staff and Confidant.objects.filter(person=person).exists()


def say_in_confidence(cycle, *, by, about, words=""):
    """ "Not this person": the two are never suggested, drafted or proposed again.

    A draft of them, and a proposal of which this person has not been told yet, ends. Raises TransitionRefused where the person
    has been told of a pairing of the two: then it is answered or ended on its own page.
    """
    with transaction.atomic():
        # In the order in which the guard of pairings locks them.
        list(User.objects.select_for_update(no_key=True).filter(pk__in=[by.pk, about.pk]).order_by("pk"))
        live = Pairing.objects.live().of(by).of(about)
        if live.shared_with(by).exists():
            raise TransitionRefused(
                "You have a pairing with this person. Answer it with no, or write to staff; only they read why."
            )
        said, new = Confidence.objects.get_or_create(
            said_by=by, about=about, taken_back_at=None, defaults={"cycle": cycle, "words": words}
        )
        if not new and words:
            Confidence.objects.filter(pk=said.pk).update(words=words)
        for pairing in live:
            # Read by staff: it tells nothing of why.
            reason = "The rules of the cycle do not allow it any more."
            if pairing.status == "drafted":
                pairing.discard(by=None, reason=reason)
            else:
                pairing.withdraw(by=None, why=reason)
        return said


def note_look(person):
    """Leave on record that one of the two has read what was said; never what."""
    record("read_confidences", person.confidant, by=person)
