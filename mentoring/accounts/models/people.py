"""A person: one account, signed in by email address, whatever they take part in."""

from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.utils import timezone

from mentoring.audit.models import record
from mentoring.constraints import sentence_for
from mentoring.workflow import TransitionRefused

# Sent inside the transaction before a person's institutions change, with person and institutions (the new ones).
moving = Signal()


class CareerStage(models.TextChoices):
    MEDICAL_STUDENT = "medical_student", "Medical student"
    RESIDENT = "resident", "Resident"
    FELLOW = "fellow", "Fellow"
    PRACTICING_ONCOLOGIST = "practicing_oncologist", "Practicing oncologist"
    OTHER = "other", "Another stage"


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **facts):
        """A new account. The email address is kept in lower case."""
        user = self.model(email=email.strip().lower(), **facts)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email, password=None, **facts):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **facts)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def in_role(self, role):
        """The active staff who hold a role, by its name in ``roles.py``, and whose address is known to be theirs."""
        own_address = Q(emailaddress__verified=True, emailaddress__email__iexact=F("email"))
        return self.filter(own_address, is_active=True, is_staff=True, groups__name=role).distinct()


def validate_time_zone(name):
    """Refuse what is no IANA time zone."""
    if name not in available_timezones():
        raise ValidationError("Choose a time zone from the list, such as America/New_York.")


class User(AbstractBaseUser, PermissionsMixin):
    """One person. Facts about them are asked once and used in every program."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    degrees = models.CharField(max_length=100, blank=True, help_text="For example MD, PhD. Shown after your name.")
    career_stage = models.CharField(max_length=30, choices=CareerStage, blank=True)
    time_zone = models.CharField(max_length=64, default="America/New_York", validators=[validate_time_zone])
    most_mentees = models.SmallIntegerField(
        "mentees at most, at one time, over all programs", null=True, blank=True, editable=False
    )
    is_staff = models.BooleanField("may enter the admin", default=False)
    is_active = models.BooleanField("may sign in", default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    institutions = models.ManyToManyField("accounts.Institution", through="accounts.Affiliation", related_name="people")

    objects = UserManager()
    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name, verbose_name_plural = "person", "people"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_in_any_case",
                violation_error_message="There is an account with this email address already.",
            ),
            models.CheckConstraint(
                condition=Q(most_mentees__isnull=True) | Q(most_mentees__isnull=False, most_mentees__gte=1),
                name="user_most_mentees_from_one",
                violation_error_message="Leave the limit over all programs empty, or say at least 1.",
            ),
        ]

    def __str__(self):
        return self.name or self.email

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name

    @property
    def full_name(self):
        """ "Ana Ñandú, MD, PhD" """
        return f"{self.name}, {self.degrees}" if self.degrees else self.name

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)

    @property
    def own_zone(self):
        """The IANA name of this person's time zone, or None until they filled in the profile, where it is asked."""
        return self.time_zone if self.career_stage else None

    @property
    def institution_names(self):
        return ", ".join(institution.name for institution in self.institutions.all())

    @property
    def missing_facts(self):
        """The facts every form builds on that this person has not given yet, in words."""
        facts = [(self.name, "your name"), (self.career_stage, "your career stage")]
        missing = [words for given, words in facts if not given]
        return missing if self.institutions.all() else [*missing, "where you work or study"]

    @property
    def shut_out(self):
        """Why this person can be asked nothing and what to do, in a sentence for staff; empty if they can."""
        if self.is_active:
            return ""
        return (
            f"{self} may no longer sign in, so could not answer. Go on without this person, or first ask an administrator to "
            "open the account again."
        )

    def limit_mentees(self, most, *, by):
        """Have at most so many mentees at one time, over all programs; None for no limit.

        Raises TransitionRefused, with a sentence, where more pairings than that are live.
        """
        if most == self.most_mentees:
            return
        try:
            with transaction.atomic():
                record("limit_mentees", self, by=by, before_most=self.most_mentees, most=most)
                self.most_mentees = most
                self.save(update_fields=["most_mentees"])
        except IntegrityError as error:
            if sentence := sentence_for(error):
                raise TransitionRefused(sentence) from error
            raise

    def move_to(self, institutions):
        """Be at exactly these institutions from now on.

        The apps above hear of it first and end what it makes impossible. Raises TransitionRefused, with a sentence, where
        the database says that a pairing in progress stands against it.
        """
        before = {affiliation.institution for affiliation in self.affiliations.select_related("institution")}
        if before == set(institutions):
            return
        try:
            with transaction.atomic():
                moving.send(type(self), person=self, institutions=institutions)
                self.affiliations.exclude(institution__in=institutions).delete()
                for institution in institutions:
                    self.affiliations.get_or_create(institution=institution)
                record(
                    "move",
                    self,
                    by=self,
                    left=sorted(str(each) for each in before - set(institutions)),
                    joined=sorted(str(each) for each in set(institutions) - before),
                )
        except IntegrityError as error:
            if sentence := sentence_for(error):
                raise TransitionRefused(sentence) from error
            raise
