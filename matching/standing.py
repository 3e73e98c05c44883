"""Where a pairing, or a list of mentors, stands for one of its people: a sentence, a next step, a date.

Written once for the page and for the card on the home page. Who said no, and why, is never told.
"""

from applications.standing import standing
from programs import deadlines

# What the two people of a pairing are told once it is off before it was final, whatever the reason.
CLOSED = "This proposal is closed. Staff are looking at it, and you will hear from them."


def of_pairing(pairing, person):
    """Where a shared pairing stands, as the mentee or the mentor may know it."""
    role = "mentor" if person == pairing.mentee else "mentee"
    if pairing.has_last_word(person):
        return standing(
            f"Staff propose a {role} to you, who has said yes.",
            "Please say yes or no. With your yes the pairing is final; without your answer the proposal lapses.",
            "now",
            f"Answer by {pairing.respond_by_words}",
            pairing.respond_by_moment,
        )
    if pairing.awaits(person):
        return standing(
            f"Staff propose a {role} to you.",
            "Please say yes or no. Without your answer the proposal lapses.",
            "now",
            f"Answer by {pairing.respond_by_words}",
            pairing.respond_by_moment,
        )
    if pairing.is_open:
        return standing(
            "You said yes. We wait for the other person's answer.",
            "You need do nothing. We write to you either way.",
            "wait",
            f"They can answer until {pairing.respond_by_words}",
            pairing.respond_by_moment,
        )
    if pairing.is_under_way:
        to_mentor = "You write first: introduce yourself to your mentor this week."
        first = to_mentor if role == "mentor" else "Your mentee writes to you first."
        return standing(
            f"You and {pairing.partner_of(person).full_name} are a pair. You have both said yes.",
            first,
            "good",
            f"The mentorship ends at the latest on {deadlines.day_words(pairing.ends_on)}",
        )
    if pairing.is_agreed:
        ended = deadlines.day_words(pairing.ended_at.astimezone(pairing.cycle.zone).date())
        return standing(f"This mentorship ended on {ended}.", "Thank you for the time you gave to it.")
    return standing("Staff are looking at this pairing.", "You need do nothing. You will hear from them.", "wait")


# While the page shows something else than what was handed in.
CHANGED = "You have changed your list; the changes are not handed in."


def of_list(preference_list, pairing=None):
    """Where a mentee's list of mentors stands; ``pairing`` is the mentee's live one, if staff have shared it."""
    if pairing is not None:
        return of_list_beside(preference_list, pairing)
    if preference_list.goes_with_application:
        return of_list_with_application(preference_list)
    if_accepted = "" if preference_list.application.is_accepted else "If you are accepted: "
    window, handed_in = preference_list.window, preference_list.submitted_at is not None
    received = f"We have your list. It reached us at {preference_list.submitted_words}." if handed_in else ""
    if preference_list.may_edit:
        closes = {"date_text": f"The list closes at {window.closes_words}", "moment": window.closes.at}
        if preference_list.draft:
            return standing(
                f"{received} {CHANGED}" if handed_in else "Your list is saved. You have not handed it in yet.",
                "Hand in the changed list. Until you do, the list we have stands." if handed_in else "Hand it in.",
                "now",
                **closes,
            )
        if handed_in:
            return standing(
                received, "You can change it and hand it in again. What you handed in last counts.", "good", **closes
            )
        return standing(
            "You have not handed in a list yet.",
            "Choose the mentors who would suit you, and hand it in.",
            "now",
            **closes,
        )
    if window is None or not window.has_opened:
        opens = f"You can rank mentors from {window.opens_words}." if window else "We write to you when it opens."
        return standing("Your list is not open yet.", opens)
    if handed_in:
        uncounted = (
            " What you changed after that was not handed in and does not count." if preference_list.draft else ""
        )
        told = f"{if_accepted}Staff propose a mentor to you next."
        return standing(f"{received} The list is closed now.{uncounted}", told, "good")
    return standing(
        f"You did not hand in a list. It closed at {window.closes_words}.",
        f"You need do nothing. {if_accepted}Staff choose a mentor for you from what you told us.",
        "wait",
    )


def of_list_with_application(preference_list):
    """Where a list stands that is handed in by handing in the application."""
    window = preference_list.window
    if not preference_list.may_edit:
        return standing("Your list was not handed in, because your application was not.")
    closes = {"date_text": f"Applications close at {window.closes_words}", "moment": window.closes.at}
    if preference_list.draft:
        told = "Then hand in your application. Your list goes with it, and you can change both until the deadline."
        return standing(
            "Your list is saved. Once it is complete, it is handed in together with your application.",
            told,
            "now",
            **closes,
        )
    told = "Choose the mentors who would suit you, or say that any mentor is welcome. Your list goes with your application."
    return standing("You have not ranked mentors yet.", told, "now", **closes)


def of_list_beside(preference_list, pairing):
    """Where the list of a mentee stands once a mentor is proposed or found: the pairing comes first."""
    kept = " Your list is kept." if preference_list.submitted_at or preference_list.draft else ""
    if pairing.is_open:
        answer = "See the proposal and say yes or no." if pairing.awaits(pairing.mentee) else "You need do nothing now."
        return standing(f"A mentor is proposed to you.{kept}", answer)
    return standing(f"You have a mentor.{kept}", "You need do nothing here.", "good")
