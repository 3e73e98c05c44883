"""Where an application, or an offer to mentor, stands for its own person: a sentence, a next step, a date.

Written once for the person's page and for the card on the home page. What staff have not released is not read here.
"""

from django.utils import timezone

from applications.receipt import hear_by


def standing(sentence, next_step="", tone="", date_text="", moment=None):
    """What a status card shows of it."""
    return {
        "sentence": sentence, "next_step": next_step, "tone": tone, "date_text": date_text, "moment": moment,
    }  # fmt: skip


def of_application(application, pairing=None):
    """Where an application stands; ``pairing`` is the mentee's live one, if staff have shared it."""
    if pairing is not None:
        return _paired(pairing)
    tell = {
        "draft": _draft,
        "submitted": _submitted,
        "accepted": _accepted,
        "waitlisted": _waitlisted,
        "withdrawn": _withdrawn,
    }
    if application.status in tell:
        return tell[application.status](application)
    return {
        # The next step depends on the next cycle: ``elsewhere.ways_again``.
        "declined": standing("We could not offer you a place this time."),
    }[application.status]


def way_on(application, pairing=None):
    """(what to open, the button's words) where somebody has a place to answer, or mentors to rank, or a pairing."""
    if pairing is not None:
        return pairing, "See and answer" if pairing.awaits(application.applicant) else "Open your pairing"
    if application.open_offer:
        return application.open_offer, "Answer"
    window = application.cycle.window(application.cycle.ranking_kind)
    if application.is_accepted and window and window.has_opened:
        ranked = getattr(application, "preference_list", None)
        return ranked, "Rank mentors" if ranked and ranked.may_edit else "See your list of mentors"
    return None, ""


def _deadline(window):
    return {"date_text": f"The deadline is {window.closes_words}", "moment": window.closes.at}


def _draft(application):
    window = application.window
    if application.may_edit:
        return standing(
            "You have begun an application. It is not handed in yet.",
            "Complete it and hand it in.",
            "now",
            **_deadline(window),
        )
    kept = "What you wrote is kept and you can read it."
    if window is None or not window.has_opened:
        return standing(f"You have begun an application. It cannot be handed in yet. {kept}")
    contact = application.cycle.contact.email
    return standing(
        f"Your application was not handed in by {window.closes_words}. {kept}",
        f"If something kept you from handing it in, write to {contact}.",
    )


def _submitted(application):
    sentence = f"We received your application at {application.latest.received_words}."
    reading = "Reviewers read it when applications have closed." if application.may_edit else "Reviewers read it now."
    told = f"{reading} {hear_by(application.cycle)}"
    if not application.has_unsubmitted_changes:
        change = f"You can change it until {application.window.closes_words}" if application.may_edit else ""
        return standing(sentence, told, "good", change, application.window.closes.at if change else None)
    if application.may_edit:
        return standing(
            f"{sentence} You have changed it since then, and the changes are not handed in.",
            "Hand in the changed version. Until you do, the version we have stands.",
            "now",
            **_deadline(application.window),
        )
    return standing(f"{sentence} What you changed after that was not handed in and does not count.", told, "good")


def _accepted(application):
    window = application.cycle.preferences_window
    sentence = "You are accepted."
    if window and not window.has_opened:
        return standing(sentence, f"From {window.opens_words} you rank the mentors who would suit you.", "good")
    if window and window.is_open():
        return standing(
            sentence,
            "Rank the mentors who would suit you.",
            "good",
            f"The list closes at {window.closes_words}",
            window.closes.at,
        )
    return standing(
        sentence,
        "Staff propose a mentor to you. You both say yes before it is final.",
        "good",
        _term(application.cycle),
    )


def _waitlisted(application):
    if offer := application.open_offer:
        return standing(
            "A place is free, and it is offered to you.",
            "Take it, or say that it no longer suits you.",
            "now",
            f"The offer stands until {offer.respond_by_words}",
            offer.last_moment,
        )
    return standing(
        "You are on the waitlist. A place is free when more mentors take part, or when somebody accepted gives theirs back.",
        "You need do nothing. We write to you as soon as a place is offered to you, and you get time to answer.",
        "wait",
        _term(application.cycle),
    )


def _term(cycle):
    """The date for those who wait for somebody to be found."""
    begun = timezone.localdate(timezone=cycle.zone) >= cycle.term_begins
    return f"The term ends on {cycle.term_ends_words}" if begun else cycle.term_words


def _paired(pairing):
    if pairing.is_open:
        return standing(
            "You are accepted. A mentor is proposed to you.",
            "Open the proposal: both of you say yes before it is final.",
            "good",
            f"It can be answered until {pairing.respond_by_words}",
            pairing.respond_by_moment,
        )
    return standing(
        "You are a mentee in this program, and your pairing is final.",
        "Open your pairing: it says how you reach each other, and what you do first.",
        "good",
        f"The mentorship ends at the latest on {pairing.ends_words}",
    )


def _withdrawn(application):
    if application.may_restore:
        return standing(
            "You withdrew your application.",
            "You can undo the withdrawal while applications are open.",
            date_text=f"Applications close at {application.window.closes_words}",
            moment=application.window.closes.at,
        )
    return standing("You withdrew your application. Nobody reads it any further, and nothing is needed from you.")


def of_interest(interest):
    """Where an offer to mentor stands."""
    window = interest.cycle.mentor_window
    open_until = (
        {"date_text": f"The form closes at {window.closes_words}", "moment": window.closes.at} if window else {}
    )
    while_open = open_until if interest.may_edit or interest.may_return else {}
    if interest.status == "draft" and not interest.may_edit:
        told = window.status_sentence if window else "Its dates have not been set yet."
        return standing("Your mentor interest form is not handed in.", f"The form cannot be handed in now. {told}")
    return {
        "draft": standing(
            "Your mentor interest form is not handed in yet.", "Complete it and hand it in.", "now", **while_open
        ),
        "submitted": standing(
            "We have your mentor interest form.",
            f"Staff look at it and tell you by email. {'You can change it until then.' if interest.may_edit else ''}".strip(),
            "good",
            **while_open,
        ),
        "approved": standing(
            "You are a mentor in this cycle.",
            "When staff propose a mentee, we write to you. Nobody becomes your mentee without your yes.",
            "good",
            _term(interest.cycle),
        ),
        "paused": standing(
            f"You are paused {interest.pause_words}: staff propose nobody new to you.",
            "You come back by yourself after that day, and can resume at any time."
            if interest.pause_until
            else "You can resume at any time.",
            "wait",
        ),
        "declined": standing(
            "We could not take you up on your offer in this cycle.",
            "Thank you for offering. You are welcome to offer again in the next cycle.",
        ),
        "withdrawn": standing(
            "You withdrew from this cycle.",
            "You are welcome back: hand the form in again."
            if interest.may_return
            else "You are welcome in the next cycle.",
            **while_open,
        ),
    }[interest.status]
