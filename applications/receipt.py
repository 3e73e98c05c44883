"""The receipt: what was handed in, when, and a fingerprint by which anybody can check it later."""

import re
import textwrap

from django.utils import timezone

from applications import sections
from applications.models import Submission
from applications.models.asked import answered
from applications.models.files import AnswerFile, files_in
from mentoring import pdf
from mentoring.notifications.models import OutgoingEmail
from programs import deadlines, eligibility

NUMBER = re.compile(r"0*(\d{1,12})-0*(\d{1,6})")
DIGEST = re.compile(r"[0-9a-f]{64}")
# The fingerprint as mails carry it: in groups, or a phone would have to show it in one line.
IN_GROUPS = re.compile(r"\b(?:[0-9a-f]{8}\s+){7}[0-9a-f]{8}\b")
COVERS = "It is computed (SHA-256) over everything you handed in. A changed application would have another."
EACH_COVERS = (
    "Each is computed (SHA-256) over one thing that you handed in, and the fingerprint of the receipt over all of them, so "
    "each can be checked by itself. A file has two: one of the answer that names it, and one of the file as we keep it."
)
BEGINNING = 60
FACTS = {"name": "Name", "email": "Email", "career_stage": "Career stage", "institutions": "Institution"}


def as_read(application, rule_answers, answers):
    """Every question with its answer in words and who reads it: (title of the section, its address, rows of three)."""
    stored = {"rule_answers": rule_answers, "answers": answers}
    return [
        (
            part.title_in(application.cycle),
            sections.address(application, part.slug),
            [
                (ask.text, eligibility.in_words(ask, stored[part.store].get(ask.key)), ask.readers)
                for ask in sections.asks(application, part)
            ],
        )
        for part in sections.SECTIONS.values()
    ]


def handed_in(submission):
    """The same of what was handed in, in the words of that day."""
    return [
        (
            part.title_in(submission.application.cycle),
            sections.address(submission.application, part.slug),
            [(each.text, each.answer, each.readers) for each in answered(submission, part.asked_as)],
        )
        for part in sections.SECTIONS.values()
    ]


def without_readers(rows):
    """(question, answer) pairs of such rows."""
    return [(question, answer) for question, answer, _readers in rows]


def facts_in_words(facts):
    """Who it is from, as (label, value) pairs."""
    said = {**facts, "institutions": ", ".join(facts.get("institutions", []))}
    return [(label, said.get(key, "")) for key, label in FACTS.items()]


def each_fingerprint(submission):
    """Of every answer, file and other thing that was handed in: (what it is, how it begins, its name, its fingerprint).

    What carries a name goes into the fingerprint of the receipt by that name; a file does so with the answer that names it.
    """
    said = {
        f"facts.{key}": (label, value)
        for key, (label, value) in zip(FACTS, facts_in_words(submission.facts), strict=True)
    }
    for part in sections.SECTIONS.values():
        rows = answered(submission, part.asked_as)
        said |= {f"{part.store}.{each.key}": (each.text, each.answer or "No answer") for each in rows}
    files = files_in(submission.application, submission.answers)
    for name, digest in submission.fingerprints():
        group, _, key = name.partition(".")
        what, answer = said.get(name, ("How it was judged" if group == "judged" else "No longer asked", ""))
        yield what, textwrap.shorten(answer, BEGINNING, placeholder=" …"), name, in_groups(digest)
        if group == "answers" and key in files:
            yield "The file itself", files[key].name, "", in_groups(files[key].digest)


def hear_by(cycle):
    """When decisions are told, in a sentence. A day that has passed is promised to nobody."""
    by = cycle.decisions_by
    if by and by >= timezone.now().astimezone(cycle.zone).date():
        return f"You will hear from us by {deadlines.day_words(by)}."
    late = "Deciding takes longer than we planned. " if by else ""
    return f"{late}You will hear from us by email."


def as_pdf(submission):
    """The receipt as a tagged PDF. The same version always gives the same bytes."""
    application = submission.application
    received = submission.received_words_for(application.applicant)
    facts = [
        ("Receipt number", submission.receipt_number),
        ("Received at", received),
        ("Version", str(submission.number)),
        *([("Judged by the rule card, version", submission.rules_version)] if submission.rules_version else []),
        ("Fingerprint", f"{in_groups(submission.digest)}\n{COVERS}"),
    ]
    parts = [
        {"title": "Receipt", "rows": facts},
        {"title": "About you", "rows": _filled(facts_in_words(submission.facts))},
    ]
    parts += [{"title": title, "rows": _filled(without_readers(rows))} for title, _url, rows in handed_in(submission)]
    if made := submission.attestations.select_related("wording"):
        rows = [(f"At {each.attested_words}", each.wording.word_for_word) for each in made]
        parts.append({"title": "Statements you made", "rows": rows})
    if waived := submission.waived:
        text = [f"{outcome['sentence']} {outcome['reason']}" for outcome in waived]
        parts.append({"title": "Waived for you", "text": text})
    if submission.commitments:
        parts.append({"title": "What you confirmed", "text": submission.commitments})
    parts.append({
        "title": "A fingerprint of every answer and file",
        "text": [EACH_COVERS],
        "digests": list(each_fingerprint(submission)),
    })  # fmt: skip
    return pdf.document(
        f"Receipt {submission.receipt_number}",
        lead=[f"{application.cycle}", f"We received your application at {submission.received_words}."],
        parts=parts,
        at=submission.received_at,
        footer=f"Receipt {submission.receipt_number}, {application.cycle}",
    )


def _filled(pairs):
    return [(label, value or "No answer") for label, value in pairs]


def in_groups(digest):
    """A fingerprint that people can compare, eight characters at a time."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


# --- Checking one ------------------------------------------------------------------------------------------------------


def matches(number, digest):
    """Whether a receipt of this number and fingerprint was given, and what is stored is still the same."""
    found, digest = NUMBER.fullmatch(number.strip()), "".join(digest.lower().split())
    if not found or not DIGEST.fullmatch(digest):
        return False
    rows = Submission.objects.filter(application=int(found[1]), number=int(found[2]), digest=digest, erased_at=None)
    return any(row.is_unaltered for row in rows)


def differing(submissions):
    """(receipt number, what differs) for each of the submissions that no longer is what its receipt was given for.

    A receipt that was mailed is a second witness: whoever changed a row and its fingerprint has not changed the mail.
    """
    mailed = _mailed()
    for submission in submissions:
        if not submission.is_unaltered:
            yield submission.receipt_number, "what is stored does not fit its fingerprint"
        elif mailed.get(submission.receipt_number, submission.digest) != submission.digest:
            yield submission.receipt_number, "the receipt that was mailed names another fingerprint"
    for file in AnswerFile.objects.select_related("application").iterator():
        if not file.is_intact:
            yield f"{file.application_id:06d}", f"a file is not what was handed over: {file.words}"


def _mailed():
    """{receipt number: fingerprint} as the mails said it, where a wording has both."""
    told = {}
    for text in OutgoingEmail.objects.filter(kind="ApplicationReceived").values_list("text", flat=True).iterator():
        number, digest = re.search(r"\b\d{6,}-\d+\b", text), IN_GROUPS.search(text)
        if number and digest:
            told[number[0]] = "".join(digest[0].split())
    return told
