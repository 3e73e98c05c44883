"""The mails about a rule that staff waive for one application."""

from applications.emails import DEADLINE, LINK, PROGRAM, ToApplicant

RULE = {"rule": "You are a full ASCO member.", "day": "January 5, 2027"}
# Where a waiver can still change something.
OPEN = ("draft", "submitted", "waitlisted")
ANSWER_ALL = "Answer every question as it is: nothing is answered for you. The deadline does not move: {}."


class RuleWaived(ToApplicant):
    """To the applicant, when staff waive a rule for this one application."""

    template = "applications/email/rule_waived.txt"
    while_status = OPEN
    placeholders = {
        **PROGRAM,
        **RULE,
        "note": "Every other condition counts for you as for everyone.",
        "next": ANSWER_ALL.format(DEADLINE),
        "link": LINK,
    }

    @classmethod
    def of(cls, waiver):
        application = waiver.application
        stands = "What you handed in stands. You need do nothing."
        return cls.to_applicant(
            application,
            f"waiver-{waiver.pk}",
            rule=waiver.sentence,
            day=waiver.granted_on,
            note=waiver.told or cls.placeholders["note"],
            next=ANSWER_ALL.format(application.closes_words) if application.may_edit else stands,
        )


class WaiverTakenBack(ToApplicant):
    """To the applicant, when staff take such a waiver back."""

    template = "applications/email/waiver_taken_back.txt"
    while_status = OPEN
    placeholders = {**PROGRAM, **RULE, "link": LINK}

    @classmethod
    def of(cls, waiver):
        return cls.to_applicant(
            waiver.application, f"waiver-{waiver.pk}-back", rule=waiver.sentence, day=waiver.granted_on
        )
