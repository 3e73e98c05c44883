"""The receipt: one for each version, the same for whoever retries, and checked later against what is stored."""

import hashlib
import html
import io
import json
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO

import pikepdf
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from applications import receipt
from applications.commitments import commitments
from applications.models import AnswerFile, Application, Submission
from applications.models.files import answer_with_file
from mentoring.notifications.models import OutgoingEmail
from programs.models import Question
from tests import factories
from tests.applications import hostile
from tests.mentoring.at_once import at_once

pytestmark = pytest.mark.django_db
HANDED_IN = datetime(2026, 11, 22, 3, 42, 7, 123456, tzinfo=UTC)


@pytest.fixture
def handed_in():
    """Handed in at 10:42 PM ET by somebody whose clocks show another time."""
    with time_machine.travel(HANDED_IN, tick=False):
        return factories.application(applicant=factories.person(time_zone="America/Los_Angeles"), in_status="submitted")


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


# --- Handing in ----------------------------------------------------------------------------------------------------------


def test_what_one_commits_to_is_confirmed_sentence_by_sentence_and_kept():
    draft = factories.application()
    client, address = client_of(draft.applicant), f"/applications/{draft.pk}/review/"

    refused = client.post(address, {"confirm_1": "on", "confirm_3": "on"})

    page = refused.content.decode()
    assert refused.status_code == 422
    sentences = commitments(draft.cycle)
    assert f'href="{address}#id_confirm_2">Please confirm: {sentences[1]}' in page
    assert [bool(re.search(rf'name="confirm_{each}"[^>]* checked', page)) for each in (1, 2, 3)] == [True, False, True]
    assert not Submission.objects.exists()
    client.post(address, factories.CONFIRMED)
    assert Submission.objects.get().commitments == sentences


def test_every_thing_that_is_missing_is_a_link_to_its_field():
    draft = factories.application(rule_answers={}, answers={})
    client = client_of(draft.applicant)
    page = client.get(f"/applications/{draft.pk}/review/").content.decode()
    links = re.findall(r'href="(/applications/\d+/\w+/)#(id_\w+)">Not answered yet', page)
    assert len(links) == len(draft.problems()) > 5
    for address, anchor in links:
        form = client.get(address).content.decode()
        assert f'id="{anchor}"' in form or f'id="{anchor}_0"' in form or f'id="div_{anchor}"' in form, anchor


def test_a_retry_after_the_deadline_is_answered_with_the_receipt_that_was_given():
    draft = factories.application()
    client, address = client_of(draft.applicant), f"/applications/{draft.pk}/review/"
    client.post(address, factories.CONFIRMED)
    factories.move_window(draft.cycle, "applications", closes_at=timezone.now())

    again = client.post(address, factories.CONFIRMED)

    assert again.status_code == 302
    assert again.url == f"/applications/{draft.pk}/receipt/"
    assert Submission.objects.count() == OutgoingEmail.objects.filter(kind="ApplicationReceived").count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_presses_at_once_are_one_submission_one_receipt_and_ten_times_the_same_answer():
    drafts = [factories.application() for _ in range(5)]
    for draft in drafts:
        address = f"/applications/{draft.pk}/review/"
        clients = [client_of(draft.applicant) for _ in range(10)]
        answers = at_once(*(partial(client.post, address, factories.CONFIRMED) for client in clients))
        assert {(each.status_code, each.url) for each in answers} == {(302, f"/applications/{draft.pk}/receipt/")}
    assert Submission.objects.count() == OutgoingEmail.objects.filter(kind="ApplicationReceived").count() == 5


# --- The receipt in its three forms ------------------------------------------------------------------------------------------


def test_page_mail_and_pdf_tell_the_number_the_time_twice_the_version_and_the_fingerprint(handed_in):
    latest = handed_in.latest
    page = client_of(handed_in.applicant).get(f"/applications/{handed_in.pk}/receipt/").content.decode()
    mail = OutgoingEmail.objects.get(kind="ApplicationReceived").text
    times = ("10:42 PM ET on Saturday, November 21, 2026", "7:42 PM PT your time")
    for told in (*times, latest.receipt_number):
        assert told in page
        assert told in mail
    assert latest.digest in page
    assert receipt.in_groups(latest.digest) in " ".join(mail.split())


def test_the_pdf_is_tagged_named_and_in_english_and_always_the_same_bytes(handed_in):
    client, address = client_of(handed_in.applicant), f"/applications/{handed_in.pk}/receipt.pdf"
    first = client.get(address)
    assert first.headers["Content-Disposition"] == f'attachment; filename="receipt-{handed_in.pk:06d}-1.pdf"'
    assert first.headers["Cache-Control"] == "private, no-store"
    for part in (
        rb"/MarkInfo\s*<<\s*/Marked true",
        rb"/StructTreeRoot",
        rb"/Lang\s*\(en",
        b"pdfuaid:part",
        b"DisplayDocTitle true",
    ):
        assert re.search(part, first.content), part
    assert b'<rdf:li xml:lang="x-default">Receipt' in first.content
    with time_machine.travel(HANDED_IN + timedelta(days=90)):
        assert client_of(handed_in.applicant).get(address).content == first.content


def printed(content):
    """What a reader finds on the pages of a PDF that we made, one line for each piece of text."""
    lines = []
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for page in pdf.pages:
            letters = {}
            for name, font in page.obj.Resources.Font.items():
                told = font.ToUnicode.read_bytes().decode()
                pairs = re.findall(r"^<([0-9A-F]{4})> <([0-9A-F]+)>$", told, re.MULTILINE)
                letters[name] = {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    font = letters[str(operands[0])]
                elif str(operator) in ("Tj", "TJ"):
                    pieces = operands[0] if str(operator) == "TJ" else operands
                    codes = b"".join(bytes(each) for each in pieces if isinstance(each, pikepdf.String))
                    lines.append(
                        "".join(font[high << 8 | low] for high, low in zip(codes[::2], codes[1::2], strict=True))
                    )
    return lines


@pytest.fixture
def with_a_file(settings, tmp_path):
    """Handed in with a file among the answers."""
    settings.MEDIA_ROOT = str(tmp_path)
    draft = factories.application()
    Question.objects.create(cycle=draft.cycle, key="cv", kind="document", text="Your CV", position=20, required=True)
    answer_with_file(draft, "cv", SimpleUploadedFile("My CV.pdf", hostile.document()), "document")
    Application.objects.get(pk=draft.pk).submit(by=draft.applicant, received_at=timezone.now())
    return Application.objects.get(pk=draft.pk)


ONE = re.compile(r"((?:[0-9a-f]{8} ){7}[0-9a-f]{8})(?: ((?:facts|rule_answers|answers|judged)\.\w+))?")


def test_from_the_fingerprints_that_the_pdf_prints_anyone_can_compute_the_one_that_is_checked(with_a_file):
    latest = with_a_file.latest
    lines = printed(receipt.as_pdf(latest))
    whole, *each = [(digest.replace(" ", ""), name) for digest, name in ONE.findall(" ".join(" ".join(lines).split()))]

    covered = [[name, digest] for digest, name in each if name]
    assert {f"answers.{key}" for key in latest.answers} < {name for name, _digest in covered}
    computed = hashlib.sha256(json.dumps([latest.receipt_number, covered]).encode()).hexdigest()
    assert computed == whole[0]
    assert check(latest.receipt_number, computed)
    assert verify().strip() == "1 receipts checked: none differs."
    # The one without a name is that of the file, as whoever downloads it can compute it.
    (of_the_file,) = [digest for digest, name in each if not name]
    address = AnswerFile.objects.get().get_absolute_url()
    given = b"".join(client_of(with_a_file.applicant).get(address).streaming_content)
    assert hashlib.sha256(given).hexdigest() == of_the_file
    assert {"Your CV", "The file itself", "My CV.pdf", "To find my way."} <= set(lines)


def test_the_page_has_the_same_fingerprints_and_prints_them(with_a_file):
    page = client_of(with_a_file.applicant).get(f"/applications/{with_a_file.pk}/receipt/").content.decode()
    folded = re.search(r"<details[^>]*fingerprints.*?</details>", page, re.DOTALL)[0]
    assert "no-print" not in folded
    for what, beginning, name, digest in receipt.each_fingerprint(with_a_file.latest):
        for told in (what, beginning, name, digest):
            assert told in html.unescape(folded)


def test_the_mail_says_where_the_fingerprints_of_every_answer_are(handed_in):
    mail = " ".join(OutgoingEmail.objects.get(kind="ApplicationReceived").text.split())
    assert "The page and the PDF carry a fingerprint of every answer and file too." in mail
    assert len(ONE.findall(mail)) == 1


@pytest.mark.parametrize("name", ["Ana Ñandú", "山田 花子 🎉", "#strong[x] $y$ \\ @z"])
def test_any_name_makes_a_pdf_and_nothing_in_it_is_read_as_markup(name):
    application = factories.application(applicant=factories.person(name), in_status="submitted")
    assert receipt.as_pdf(application.latest).startswith(b"%PDF-")


# --- Checking one ------------------------------------------------------------------------------------------------------


def check(number, digest):
    page = Client().post("/receipts/check/", {"number": number, "digest": digest}).content.decode()
    return {"It matches.": True, "It differs.": False}[re.search(r"<b>(It [a-z]+\.)</b>", page)[1]]


def test_anyone_can_check_a_receipt_as_it_was_printed_or_mailed(handed_in):
    latest = handed_in.latest
    assert check(latest.receipt_number, latest.digest)
    assert check(f" {handed_in.pk}-1 ", receipt.in_groups(latest.digest).upper())


def test_a_check_tells_nothing_but_yes_or_no(handed_in):
    latest = handed_in.latest
    one_off = ("0" if latest.digest[0] != "0" else "1") + latest.digest[1:]
    answers = []
    for number, digest in [(latest.receipt_number, one_off), ("999999-1", latest.digest), ("nonsense", "nonsense")]:
        page = Client().post("/receipts/check/", {"number": number, "digest": digest}).content
        answers.append(page.replace(number.encode(), b"").replace(digest.encode(), b""))
    token = re.compile(rb'csrfmiddlewaretoken" value="[^"]+')
    assert len({token.sub(b"", answer) for answer in answers}) == 1
    assert handed_in.applicant.email.encode() not in answers[0]


def test_checking_is_throttled(handed_in, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"check_receipt": "3/h/key"}
    data = {"number": handed_in.latest.receipt_number, "digest": "0" * 64}
    codes = [Client().post("/receipts/check/", data).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]


# --- All of them ------------------------------------------------------------------------------------------------------------


def in_bulk(number):
    """So many submissions, each the only one of its application."""
    model = factories.application(in_status="submitted")
    people = type(model.applicant).objects.bulk_create(
        type(model.applicant)(email=f"many{each}@example.org", name=f"Many {each}") for each in range(number)
    )
    now = timezone.now()
    rows = Application.objects.bulk_create(
        Application(
            cycle=model.cycle,
            applicant=person,
            status="submitted",
            submitted_at=now,
            answers={"goals": f"Goal {person.pk}"},
        )
        for person in people
    )  # fmt: skip
    made = []
    for row in rows:
        each = Submission(
            application=row, number=1, revision=0, facts={"name": row.applicant.name}, rule_answers=model.rule_answers,
            answers=row.answers, verdict=model.latest.verdict, received_at=now, closes_at=now + timedelta(days=1),
        )  # fmt: skip
        each.digest = each.content_digest()
        made.append(each)
    return Submission.objects.bulk_create(made)


def verify():
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_receipts", stdout=out, stderr=err)
    except CommandError as error:
        return f"{err.getvalue()}{error}"
    return out.getvalue()


def behind_the_back(sql, parameters):
    """What somebody could do who may do anything in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE applications_submission DISABLE TRIGGER submission_never_changes")
        cursor.execute(sql, parameters)
        cursor.execute("ALTER TABLE applications_submission ENABLE TRIGGER submission_never_changes")


def test_a_thousand_receipts_are_verified_and_one_flipped_byte_is_found():
    made = in_bulk(999)
    assert verify().strip() == "1,000 receipts checked: none differs."

    victim = made[617]
    changed = victim.answers["goals"].replace("Goal", "Goam")
    behind_the_back(
        "UPDATE applications_submission SET answers = jsonb_set(answers, '{goals}', to_jsonb(%s::text)) WHERE id = %s",
        [changed, victim.pk],
    )

    number = victim.receipt_number
    assert verify() == f"{number}: what is stored does not fit its fingerprint\n1,000 receipts checked, 1 differ."


@pytest.mark.parametrize(
    "change",
    [
        "received_at = received_at - interval '1 microsecond'",
        "closes_at = closes_at + interval '1 day'",
        "number = 2",
        "commitments = '[\"Something else.\"]'",
        "verdict = '[]'",
        "rules_version = 'other'",
        'facts = facts || \'{"name": "Somebody Else"}\'',
        'rule_answers = rule_answers || \'{"membership": "neither"}\'',
    ],
)
def test_whatever_of_a_submission_is_changed_its_receipt_no_longer_fits(handed_in, change):
    latest = handed_in.latest
    behind_the_back(f"UPDATE applications_submission SET {change} WHERE id = %s", [latest.pk])
    assert not Submission.objects.get(pk=latest.pk).is_unaltered
    assert not check(latest.receipt_number, latest.digest)


def test_whoever_changes_a_version_and_its_fingerprint_is_found_out_by_the_mail(handed_in):
    latest = handed_in.latest
    latest.answers = {"goals": "Written by somebody else."}
    behind_the_back(
        "UPDATE applications_submission SET answers = %s::jsonb, digest = %s WHERE id = %s",
        ['{"goals": "Written by somebody else."}', latest.content_digest(), latest.pk],
    )
    assert f"{latest.receipt_number}: the receipt that was mailed names another fingerprint" in verify()


def test_receipts_from_before_the_fingerprint_covered_everything_still_verify(handed_in):
    latest = handed_in.latest
    latest.digest_form = 1
    behind_the_back(
        "UPDATE applications_submission SET digest_form = 1, digest = %s WHERE id = %s",
        [latest.content_digest(), latest.pk],
    )
    assert Submission.objects.get(pk=latest.pk).is_unaltered
