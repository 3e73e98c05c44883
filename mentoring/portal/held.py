"""Everything that is held about a person: what it is, how they read it, and what becomes of it when they ask for erasure.

Every model that leads to a person is here, or in ``OF_STAFF`` with the reason why not; a test crawls the foreign keys, so
that a new model fails until somebody has said what it holds. Nothing here reads what staff have not released or shared.
"""

from collections.abc import Callable
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.utils import timezone

from applications import receipt, standing
from applications.models import Application, EarlierText, MentorInterest, PlaceOffer, Submission, Waiver
from applications.models.asked import Attestation
from applications.models.demographics import Demographics, in_words
from applications.models.files import AnswerFile
from applications.models.notes import NextCycleNote
from matching import standing as matching_standing
from matching.models import Pairing, Preference, PreferenceList
from matching.models.confidences import Confidence, ConfidentialNote
from mentoring.accounts.models import Affiliation, ErasureRequest, User
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from programs import deadlines
from programs.models import Inquiry

REMOVED, EMPTIED, KEPT = "removed", "emptied of what names or describes you", "kept"


@dataclass(frozen=True)
class Held:
    """One kind of thing that is held. ``by`` names the foreign keys that lead to the person, or to what is theirs."""

    model: type
    by: tuple
    title: str
    rows: Callable  # (person) -> list of {label: value}
    erasure: str
    why: str = ""


# Foreign keys to people and their things that say what staff did or decided: not the person's own, and kept as the record
# of who did what. (model, field) -> why it is neither shown nor erased.
RECORD = "It says which member of staff did this, which the record of the program needs."
DERIVED = "Computed for staff from what is listed here; erasing empties its words."
OF_STAFF = {
    ("matching.SuggestionRun", "computed_by"): RECORD,
    ("matching.Scenario", "chosen_by"): RECORD,
    ("matching.Confidant", "person"): RECORD,
    ("matching.Confidence", "about"): "Somebody else said it in confidence. Telling it would betray them.",
    ("matching.SuggestedPair", "application"): DERIVED,
    ("matching.SuggestedPair", "interest"): DERIVED,
    ("matching.Hold", "put_by"): RECORD,
    ("matching.Hold", "lifted_by"): RECORD,
    ("matching.Hold", "application"): "Staff's own note for suggestions, whose words erasing empties.",
    ("matching.Hold", "interest"): "As above.",
    ("matching.MenteeNote", "written_by"): RECORD,
    ("matching.MenteeNote", "application"): "Staff's own deliberation about a mentor for you. Erasing removes it.",
    ("matching.MoreTime", "given_by"): RECORD,
    ("matching.MoreTime", "pairing"): "Two dates, and staff's reason, which erasing empties.",
    ("applications.Release", "released_by"): RECORD,
    ("applications.Decision", "decided_by"): RECORD,
    ("applications.Decision", "application"): "Staff's own deliberation. What was decided is told by its release.",
    ("applications.Decision", "submission"): "As above.",
    ("applications.Verification", "verified_by"): RECORD,
    (
        "applications.Verification",
        "application",
    ): "Staff's own check of a rule, by its key; it repeats nothing you wrote.",
    ("applications.Verification", "submission"): "As above.",
    ("applications.Waiver", "granted_by"): RECORD,
    ("applications.Waiver", "taken_back_by"): RECORD,
    ("applications.Asked", "submission"): "The words of a question, which are the same for everybody.",
    ("applications.MentorInterest", "decided_by"): RECORD,
    ("applications.MentorInterest", "entered_by"): RECORD,
    ("applications.Place", "interest"): "A number of places, without anything about the person.",
    ("applications.PlaceOffer", "offered_by"): RECORD,
    ("programs.Inquiry", "answered_by"): RECORD,
    ("programs.WindowMove", "moved_by"): RECORD,
    ("programs.Extension", "granted_by"): RECORD,
    ("notifications.EmailText", "updated_by"): RECORD,
    ("accounts.Institution", "added_by"): "An institution is not about a person.",
    ("accounts.User_groups", "user"): RECORD,
    ("accounts.User_user_permissions", "user"): RECORD,
    ("accounts.ErasureRequest", "decided_by"): RECORD,
    ("admin.LogEntry", "user"): RECORD,
    ("account.EmailConfirmation", "email_address"): "A link that was sent, gone with the address.",
}


def moment(at):
    """A moment in words, or nothing."""
    return deadlines.words(at, timezone.get_default_timezone_name()) if at else ""


def profile(person):
    return [
        {
            "Name": person.name,
            "Degrees": person.degrees,
            "Career stage": person.get_career_stage_display(),
            "Time zone": person.time_zone,
            "Email": person.email,
            "Account since": moment(person.date_joined),
            "Last signed in": moment(person.last_login),
        }
    ]


def applications(person):
    rows = Application.objects.for_reading().for_applicant(person).prefetch_related("submissions", "place_offers")
    return [_application(row) for row in rows.order_by("pk")]


def _application(row):
    told = {"Program": str(row.cycle), "Where it stands": standing.of_application(row)["sentence"]}
    told |= {"Begun": moment(row.created_at), "Changed last": moment(row.edited_at)}
    for _title, _url, rows in receipt.as_read(row, row.rule_answers, row.answers):
        told |= {question: answer for question, answer, _readers in rows if answer}
    return told


def submissions(person):
    found = []
    for application in Application.objects.for_reading().for_applicant(person).order_by("pk"):
        for row in application.submissions.order_by("number"):
            row.application = application
            found.append(_submission(row))
    return found


def _submission(row):
    told = {"Receipt": row.receipt_number, "Received": row.received_words, "Fingerprint": row.digest}
    told |= dict(receipt.facts_in_words(row.facts))
    for _title, _url, rows in receipt.as_read(row.application, row.rule_answers, row.answers):
        told |= {question: answer for question, answer, _readers in rows if answer}
    told |= {f"Judged: {each['sentence']}": each["reason"] for each in row.verdict}
    return told | ({"Confirmed": " ".join(row.commitments)} if row.commitments else {})


def attestations(person):
    rows = Attestation.objects.filter(submission__application__applicant=person).order_by("pk")
    rows = rows.select_related("wording", "submission__application__cycle")
    return [{"The statement, as it was shown": str(row.wording), "Made at": row.attested_words} for row in rows]


def waivers(person):
    rows = Waiver.objects.filter(application__applicant=person).for_reading().order_by("pk")
    return [
        {
            "Program": str(row.application.cycle),
            "Condition": row.sentence,
            "Waived": moment(row.granted_at),
            "What staff told you": row.told,
            "Taken back": moment(row.taken_back_at),
        }
        for row in rows
    ]


def demographics(person):
    rows = Demographics.objects.filter(person=person).select_related("cycle__program").order_by("pk")
    return [{"Program": str(row.cycle), **in_words(row.answers)} for row in rows]


def notes(person):
    rows = NextCycleNote.objects.filter(person=person).select_related("program").order_by("pk")
    return [{"Program": str(row.program), "Asked": moment(row.asked_at)} for row in rows]


def files(person):
    rows = AnswerFile.objects.filter(application__applicant=person).order_by("pk")
    return [{"File": row.words, "Handed over": moment(row.uploaded_at)} for row in rows]


def earlier_texts(person):
    rows = EarlierText.objects.filter(application__applicant=person).select_related("application__cycle__program")
    return [{"Question": row.question, "Said": str(row.value), "Until": row.until_words} for row in rows.order_by("pk")]


def offers(person):
    rows = PlaceOffer.objects.filter(application__applicant=person).for_reading().order_by("pk")
    return [
        {
            "Program": str(row.application.cycle),
            "Offered": moment(row.offered_at),
            "To answer by": row.respond_by_words,
            "Answer": row.get_status_display(),
            "Confirmed": " ".join(row.commitments),
        }
        for row in rows
    ]


def interests(person):
    rows = MentorInterest.objects.for_reading().for_mentor(person).order_by("pk")
    return [
        {
            "Program": str(row.cycle),
            "Where it stands": standing.of_interest(row)["sentence"],
            "Mentees at most": row.places_offered,
            "What you can help with": ", ".join(row.topics),
            "Specialty": row.specialty,
            "Languages": ", ".join(row.languages),
            "For mentees to read": row.profile,
            "Whom you would rather mentor": "; ".join([*row.wished_stages, *row.wished_topics, row.wishes]).strip("; "),
            "What you agreed to": row.agreement,
        }
        for row in rows
    ]


def preference_lists(person):
    rows = PreferenceList.objects.filter(application__applicant=person).select_related("application__cycle__program")
    return [
        {
            "Program": str(row.cycle),
            "Handed in": row.submitted_words if row.submitted_at else "",
            "Mentors, in order": "; ".join(str(interest.mentor) for interest in row.ranked),
        }
        for row in rows.order_by("pk")
    ]


def pairings(person):
    rows = Pairing.objects.shared_with(person).for_reading().order_by("pk")
    return [
        {"Program": str(row.cycle), "Where it stands": matching_standing.of_pairing(row, person)["sentence"]}
        for row in rows
    ]


def confidences(person):
    rows = Confidence.objects.filter(said_by=person).select_related("about", "cycle__program").order_by("pk")
    return [
        {"Not to be paired with": str(row.about), "Your words": row.words, "Said": moment(row.said_at),
         "Taken back": moment(row.taken_back_at)}
        for row in rows
    ]  # fmt: skip


def confidential_notes(person):
    return [
        {"Your words": row.words, "Said": moment(row.said_at)}
        for row in ConfidentialNote.objects.filter(said_by=person).order_by("pk")
    ]


def inquiries(person):
    return [
        {
            "Program": str(row.program),
            "Asked": moment(row.asked_at),
            "Your question": row.situation,
            "Answer": row.answer_text,
        }
        for row in Inquiry.objects.filter(person=person).select_related("program").order_by("pk")
    ]


def mails(person):
    rows = OutgoingEmail.objects.filter(recipient=person).order_by("pk")
    return [
        {
            "Subject": row.subject,
            "To": row.to_address,
            "Sent": moment(row.sent_at),
            "Text": "" if row.is_account_mail else row.text,
        }
        for row in rows
    ]


def institutions(person):
    rows = Affiliation.objects.filter(person=person).select_related("institution").order_by("pk")
    return [{"Institution": str(row.institution)} for row in rows]


def addresses(person):
    rows = EmailAddress.objects.filter(user=person).order_by("pk")
    return [{"Address": row.email, "Confirmed": "Yes" if row.verified else "No"} for row in rows]


def second_steps(person):
    rows = Authenticator.objects.filter(user=person).order_by("pk")
    return [{"Kind": row.get_type_display(), "Since": moment(row.created_at)} for row in rows]


def devices(person):
    rows = UserSession.objects.filter(user=person).order_by("pk")
    return [{"Device": row.user_agent, "Address": row.ip, "Since": moment(row.created_at)} for row in rows]


def requests(person):
    rows = person.erasure_requests.order_by("pk")
    return [{"Asked": moment(row.asked_at), "Your words": row.words, "State": row.get_status_display()} for row in rows]


def history(person):
    rows = Event.objects.filter(actor_id=person.pk).order_by("pk")
    return [{"When": moment(row.at), "What you did": row.sentence} for row in rows]


DECIDED = "What was decided, when, and by which rules stays, without your name, so that decisions about others can be checked."
THEIRS = "It belongs to the other person's record too."
HELD = [
    Held(User, (), "Your profile", profile, EMPTIED, "The row stays under a number, because decisions lead to it."),
    Held(EmailAddress, ("user",), "Your email addresses", addresses, REMOVED),
    Held(Affiliation, ("person",), "Where you work or study", institutions, REMOVED),
    Held(Application, ("applicant",), "Your applications", applications, EMPTIED, DECIDED),
    Held(Submission, ("application",), "What you handed in", submissions, EMPTIED,
         f"{DECIDED} The fingerprint stays, and tells nothing of what it was made from."),
    Held(Waiver, ("application",), "Conditions that staff waived for you", waivers, EMPTIED,
         "That a condition was waived, and when, stays; what staff wrote of it goes."),
    Held(Attestation, ("submission",), "Statements you made about yourself", attestations, REMOVED),
    Held(Demographics, ("person",), "What you said of yourself for the counts", demographics, REMOVED),
    Held(NextCycleNote, ("person",), "Programs you want to hear of", notes, REMOVED),
    Held(AnswerFile, ("application",), "Files you handed over", files, REMOVED),
    Held(EarlierText, ("application",), "What your answers said before", earlier_texts, REMOVED),
    Held(PlaceOffer, ("application",), "Places offered to you", offers, KEPT, DECIDED),
    Held(MentorInterest, ("mentor",), "Your offers to mentor", interests, EMPTIED, DECIDED),
    Held(PreferenceList, ("application",), "Mentors you ranked", preference_lists, KEPT,
         "Without your name it is a list of numbers, by which pairings of others can be explained."),
    Held(Preference, ("list", "interest"), "Each place on such a list", lambda person: [], KEPT, "As above."),
    Held(Pairing, ("mentee", "mentor", "application", "interest"), "Your pairings", pairings, EMPTIED, THEIRS),
    Held(Confidence, ("said_by",), "Whom you would not be paired with", confidences, EMPTIED,
         "That two people are not to be paired stays, so that it is not undone; your words go."),
    Held(ConfidentialNote, ("said_by",), "What you told staff in confidence", confidential_notes, REMOVED),
    Held(Inquiry, ("person",), "Questions you asked", inquiries, EMPTIED, "How many were asked and answered stays."),
    Held(OutgoingEmail, ("recipient",), "Emails we sent you", mails, EMPTIED, "That an email was sent, and when, stays."),
    Held(Authenticator, ("user",), "Second steps of signing in", second_steps, REMOVED),
    Held(UserSession, ("user",), "Devices you are signed in on", devices, REMOVED),
    Held(ErasureRequest, ("person",), "Requests to erase", requests, EMPTIED, "That you asked, and what was answered, stays."),
    Held(Event, (), "What you did here", history, EMPTIED,
         "What happened stays, under a number instead of your name; what anybody wrote of it goes."),
]  # fmt: skip


def everything(person):
    """(Held, rows) of all that there is about a person."""
    return [(held, held.rows(person)) for held in HELD]
