"""The cards of the signed-in home: what a person is part of, as a sentence, a next step and a date.

Nothing here may depend on what staff have not released or shared: it reads an application's status, never its decisions,
and pairings only once they were proposed.
"""

from applications.models import Application, MentorInterest
from matching.models import Pairing, PreferenceList
from programs import deadlines


def cards_for(person):
    """All cards of a person, what waits for them first."""
    applications = Application.objects.for_reading().for_applicant(person)
    lists = {each.application_id: each for each in PreferenceList.objects.for_reading().for_mentee(person)}
    pairings = list(Pairing.objects.shared_with(person).for_reading().order_by("-proposed_at"))
    cards = [application_card(application, lists.get(application.pk), pairings) for application in applications]
    cards += [mentor_card(interest) for interest in MentorInterest.objects.for_reading().for_mentor(person)]
    cards += [pairing_card(pairing, person) for pairing in pairings]
    return sorted(cards, key=lambda card: card["tone"] != "now")


def card(eyebrow, title, sentence, url, label, *, tone="", next_step="", date_text="", moment=None):
    return {
        "eyebrow": eyebrow, "title": title, "sentence": sentence, "url": url, "label": label,
        "tone": tone, "next_step": next_step, "date_text": date_text, "moment": moment,
    }  # fmt: skip


def application_card(application, preference_list, pairings):
    cycle, url = application.cycle, application.get_absolute_url()
    make = {
        "draft": draft_card,
        "submitted": submitted_card,
        "accepted": lambda application: accepted_card(application, preference_list, pairings),
        "waitlisted": lambda application: {
            "sentence": "You are on the waitlist. A place depends on how many mentors take part.",
            "next_step": "You need do nothing. We write to you as soon as a place is free.",
            "tone": "wait",
        },
        "declined": lambda application: {
            "sentence": "We could not offer you a place this time.",
            "next_step": "You are welcome to apply again in the next cycle, or to another program.",
        },
        "withdrawn": lambda application: {
            "sentence": "You withdrew your application.",
            "next_step": "You can take it back while applications are open." if application.may_restore else "",
        },
    }[application.status]
    return card(str(cycle), "Your application", **{"url": url, "label": "Open your application", **make(application)})


def draft_card(application):
    window = application.window
    if window.is_open():
        return {
            "sentence": "You have begun an application. It is not handed in yet.",
            "next_step": "Complete it and hand it in.",
            "date_text": f"The deadline is {window.closes_words}.",
            "moment": window.closes.at,
            "label": "Go on with your application",
            "tone": "now",
        }
    return {
        "sentence": f"Your application was not handed in by {window.closes_words}. What you wrote is kept and you can read it."
    }


def submitted_card(application):
    window, cycle = application.window, application.cycle
    received = deadlines.words(application.submitted_at, cycle.time_zone)
    by = cycle.decisions_by
    told = f"You will hear from us by {deadlines.day_words(by)}." if by else "You will hear from us by email."
    change = f"You can change it and hand it in again until {window.closes_words}. " if window.is_open() else ""
    return {
        "sentence": f"We received your application at {received}.",
        "next_step": f"{change}{told}",
        "tone": "good",
    }


def accepted_card(application, preference_list, pairings):
    if any(pairing.application_id == application.pk and pairing.is_agreed for pairing in pairings):
        return {"sentence": "You are a mentee in this program, and your pairing is final.", "tone": "good"}
    window = application.cycle.preferences_window
    if preference_list and window and window.is_open():
        handed_in = preference_list.status == PreferenceList.Status.SUBMITTED
        return {
            "sentence": "You are accepted. "
            + ("We have your list of mentors." if handed_in else "Please rank the mentors who would suit you."),
            "next_step": "You can change your list until the deadline."
            if handed_in
            else "Choose from the mentors you may have.",
            "date_text": f"The list closes at {window.closes_words}.",
            "moment": window.closes.at,
            "url": preference_list.get_absolute_url(),
            "label": "Read or change your list" if handed_in else "Rank mentors",
            "tone": "good" if handed_in else "now",
        }
    ahead = window is not None and not window.has_opened
    told = (
        f"From {window.opens_words} you rank mentors."
        if ahead
        else "Staff propose a mentor to you next. You both say yes before it is final."
    )
    return {"sentence": "You are accepted.", "next_step": told, "tone": "good"}


def mentor_card(interest):
    sentences = {
        "draft": ("Your mentor interest form is not handed in yet.", "Complete it and hand it in.", "now"),
        "submitted": ("We have your mentor interest form.", "Staff look at it and tell you by email.", "good"),
        "approved": ("You are a mentor in this cycle.", "When staff propose a mentee, we write to you first.", "good"),
        "paused": ("You are paused: staff propose nobody new to you.", "You can resume at any time.", "wait"),
        "declined": ("We could not take you up on your offer in this cycle.", "Thank you for offering.", ""),
        "withdrawn": ("You withdrew from this cycle.", "You are welcome back.", ""),
    }
    sentence, next_step, tone = sentences[interest.status]
    return card(
        str(interest.cycle), "Mentoring", sentence, interest.get_absolute_url(), "Open your mentor page",
        next_step=next_step, tone=tone,
    )  # fmt: skip


def pairing_card(pairing, person):
    role = "mentor" if person == pairing.mentee else "mentee"
    url = pairing.get_absolute_url()
    if pairing.awaits(person):
        return card(
            str(pairing.cycle), f"A {role} is proposed to you", f"Staff propose a {role} to you.", url, "See and answer",
            next_step="Please say yes or no.", date_text=f"Answer by {pairing.respond_by_words}.",
            moment=pairing.respond_by_moment, tone="now",
        )  # fmt: skip
    sentence, next_step, tone = standing(pairing, role)
    return card(str(pairing.cycle), f"Your {role}", sentence, url, "Open this pairing", next_step=next_step, tone=tone)


def standing(pairing, role):
    """(sentence, next step, tone) for someone who has nothing to answer. Who said no is never told."""
    if pairing.is_open:
        return (
            "You said yes. We wait for the other person's answer.",
            f"They can answer until {pairing.respond_by_words}.",
            "wait",
        )
    if pairing.status in ("final", "active"):
        ends = deadlines.day_words(pairing.ends_on)
        first = (
            "Write to your mentor and agree on a schedule." if role == "mentor" else "Your mentee writes to you first."
        )
        partner = pairing.mentor if role == "mentor" else pairing.mentee
        return f"You and {partner.full_name} are a pair.", f"{first} It ends at the latest on {ends}.", "good"
    if pairing.status in ("completed", "ended_early"):
        return "This mentorship has ended.", "", ""
    return "Staff are looking at this pairing.", "You need do nothing. You will hear from them.", "wait"
