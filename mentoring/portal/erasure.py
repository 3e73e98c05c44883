"""Erasing what is held about a person who asked for it: what stands against it, what goes, and what stays and why.

Rows that decisions lead to stay under a number. What was handed in and the history are never changed but here, and the
database lets it through only in a transaction that says whom it erases, and only towards nothing (see the migrations).
"""

import json
from functools import partial

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import F, JSONField, Q, TextField, Value
from django.db.models.functions import Cast, Replace
from django.utils import timezone
from django.utils.html import escape

from applications.models import (
    Application,
    Decision,
    Demographics,
    EarlierText,
    MentorInterest,
    NextCycleNote,
    PlaceOffer,
    Submission,
    Verification,
    Waiver,
)
from applications.models.asked import Attestation
from applications.models.files import AnswerFile
from matching.models import Confidence, ConfidentialNote, MenteeNote, Pairing, PreferenceList, SuggestedPair
from matching.models.holds import Hold
from matching.models.more_time import MoreTime
from matching.querysets import LIVE
from mentoring.accounts.models import Affiliation
from mentoring.audit.models import Event, record
from mentoring.notifications.models import WAITING, OutgoingEmail
from mentoring.portal.held import HELD
from mentoring.workflow import TransitionRefused, lock
from programs.models import Cycle, Inquiry
from programs.models.moves import Extension

TAKING_PART = {
    Application: ("applicant", ["submitted", "accepted", "waitlisted"]),
    MentorInterest: ("mentor", ["submitted", "approved", "paused"]),
}


def obstacles(person):
    """Why this person cannot be erased now, in sentences for staff; empty if nothing stands against it."""
    today, found = timezone.now().date(), []
    if person.is_staff:
        found.append("This is a member of staff. Take their role away first.")
    for model, (field, statuses) in TAKING_PART.items():
        rows = model.objects.filter(**{field: person}, status__in=statuses, cycle__term_ends__gte=today)
        found += [f"The {row} is {row.get_status_display().lower()}: they have to withdraw first." for row in rows]
    live = Pairing.objects.filter(Q(mentee=person) | Q(mentor=person), status__in=LIVE)
    return found + [f"The {row} goes on: it has to end first." for row in live]


def preview(person):
    """(title, how many, what becomes of it, why) for each kind of thing that is held."""
    return [(held.title, len(held.rows(person)), held.erasure, held.why) for held in HELD]


def erase(request, *, by):
    """Carry a request out: all of it, in one transaction, or nothing. Raises TransitionRefused with a sentence."""
    with transaction.atomic():
        lock(request)
        person = request.person
        lock(person)
        if stands := obstacles(person):
            raise TransitionRefused(" ".join(stands))
        request.carry_out(by=by)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('mentoring.erasing', %s, true)", [str(person.pk)])
        names = _names(person)
        _empty_what_they_wrote(person)
        _empty_suggestions(person)
        _empty_mail(person)
        _remove(person)
        _forget(person)
        _empty_history(person, names)
        request.person = person  # by the name that is left
        record("erase", request, by=by)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('mentoring.erasing', '', true)")


def pseudonym(person):
    return f"Erased person {person.pk}"


def erased_address(person):
    return f"erased-{person.pk}@erased.invalid"


def _names(person):
    """What names this person in texts, longest first, each with what takes its place."""
    addresses = {person.email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)}
    pairs = {name: pseudonym(person) for name in (person.full_name, person.name) if name}
    pairs |= {address: erased_address(person) for address in addresses}
    pairs |= {escape(old): new for old, new in pairs.items()}
    return sorted(pairs.items(), key=lambda pair: -len(pair[0]))


def _empty_what_they_wrote(person):
    mine = Application.objects.filter(applicant=person)
    nothing = {"facts": {}, "rule_answers": {}, "answers": {}, "commitments": [], "verdict": []}
    Submission.objects.filter(application__in=mine).update(**nothing, erased_at=timezone.now())
    for row in AnswerFile.objects.filter(application__in=mine):
        transaction.on_commit(partial(row.file.storage.delete, row.file.name))
    AnswerFile.objects.filter(application__in=mine).delete()
    Attestation.objects.filter(submission__application__in=mine).delete()
    mine.update(rule_answers={}, answers={})
    EarlierText.objects.filter(application__in=mine).delete()  # the last change wrote some
    PreferenceList.objects.filter(application__in=mine).update(draft=None)
    for model in (Decision, Verification):
        model.objects.filter(application__in=mine).update(note="")
    PlaceOffer.objects.filter(application__in=mine).update(reason="")
    Waiver.objects.filter(application__in=mine).update(reason="Erased.", told="")
    MentorInterest.objects.filter(mentor=person).update(
        topics=[], specialty="", languages=[], profile="", wished_stages=[], wished_topics=[], wishes=""
    )
    Pairing.objects.filter(Q(mentee=person) | Q(mentor=person)).update(because="", end_reason="")
    Hold.objects.filter(Q(application__in=mine) | Q(interest__mentor=person)).update(reason="Erased.")
    MoreTime.objects.filter(Q(pairing__mentee=person) | Q(pairing__mentor=person)).update(why="Erased.")
    Confidence.objects.filter(said_by=person).update(words="")
    asked = {"name": pseudonym(person), "email": erased_address(person), "situation": "Erased.", "check_outcomes": []}
    Inquiry.objects.filter(person=person).update(**asked)
    Inquiry.objects.filter(person=person).exclude(answer_text="").update(answer_text="Erased.")
    Extension.objects.filter(email__iexact=person.email).update(email=erased_address(person), reason="Erased.")


def _empty_suggestions(person):
    """What suggestions say of this person, and what they say of others where it names this person."""
    taken_part = Cycle.objects.filter(Q(applications__applicant=person) | Q(mentor_interests__mentor=person))
    lines = SuggestedPair.objects.filter(run__cycle__in=taken_part).annotate(said=Cast("why_not", TextField()))
    own = Q(application__applicant=person) | Q(interest__mentor=person)
    names_them = Q(said__contains=json.dumps(person.name, ensure_ascii=False)[1:-1])
    lines.filter(own).update(because="")
    lines.filter(own | names_them).update(why_not=[])


def _theirs(person):
    """{label of a model: the numbers of this person's rows, as texts}, for what is known of them by label and number."""
    mine = Application.objects.filter(applicant=person)
    rows = {
        "accounts.user": [person.pk],
        "accounts.erasurerequest": person.erasure_requests.values_list("pk", flat=True),
        "applications.application": mine.values_list("pk", flat=True),
        "applications.placeoffer": PlaceOffer.objects.filter(application__in=mine).values_list("pk", flat=True),
        "applications.mentorinterest": MentorInterest.objects.filter(mentor=person).values_list("pk", flat=True),
        "matching.preferencelist": PreferenceList.objects.filter(application__in=mine).values_list("pk", flat=True),
        "matching.hold": Hold.objects.filter(Q(application__in=mine) | Q(interest__mentor=person)).values_list(
            "pk", flat=True
        ),
        "matching.pairing": Pairing.objects.filter(Q(mentee=person) | Q(mentor=person)).values_list("pk", flat=True),
        "programs.inquiry": Inquiry.objects.filter(person=person).values_list("pk", flat=True),
    }
    return {label: [str(pk) for pk in numbers] for label, numbers in rows.items()}


def _about(person, type_field, id_field):
    found = Q()
    for label, numbers in _theirs(person).items():
        found |= Q(**{type_field: label, f"{id_field}__in": numbers})
    return found


def _without(field, names):
    """An expression for the field with every name replaced."""
    expression = F(field) if isinstance(field, str) else field
    for old, new in names:
        expression = Replace(expression, Value(old), Value(new))
    return expression


def _empty_mail(person):
    """Mail to them and to others about what is theirs: that it was sent stays. Lines break within a name, so all of it goes."""
    to_them = OutgoingEmail.objects.filter(Q(recipient=person) | Q(to_address__iexact=person.email))
    to_them.filter(status__in=WAITING).delete()
    to_them.update(subject="Erased", text="", html="", to_address=erased_address(person))
    told_others = OutgoingEmail.objects.filter(_about(person, "about_type", "about_id"))
    told_others.filter(status__in=WAITING).delete()
    told_others.update(subject="Erased", text="", html="")


def _remove(person):
    MenteeNote.objects.filter(application__applicant=person).delete()
    ConfidentialNote.objects.filter(said_by=person).delete()
    Demographics.objects.filter(person=person).delete()
    NextCycleNote.objects.filter(person=person).delete()
    Affiliation.objects.filter(person=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    keys = UserSession.objects.filter(user=person).values_list("session_key", flat=True)
    Session.objects.filter(session_key__in=list(keys)).delete()
    UserSession.objects.filter(user=person).delete()


def _forget(person):
    """The account itself: a number, nobody can sign in with it, and nothing is known of it."""
    person.name, person.email, person.degrees, person.career_stage = pseudonym(person), erased_address(person), "", ""
    person.time_zone, person.is_active, person.last_login = "America/New_York", False, None
    person.set_unusable_password()
    person.save()
    LogEntry.objects.filter(content_type__model="user", object_id=str(person.pk)).update(object_repr=str(person))


def _empty_history(person, names):
    """From what this person did and what happened to what is theirs, names go, and what anybody typed goes altogether."""
    rows = Event.objects.filter(Q(actor_id=person.pk) | _about(person, "target_type", "target_id"))
    rows.update(
        **{field: _without(field, names) for field in ("actor_name", "target_name")},
        reason="",
        details=Cast(_without(Cast("details", TextField()), names), JSONField()),
    )
