"""Files that people hand over: written anew, kept apart, given only to whom they concern, and never as they came."""

import hashlib
import io
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pytest
import typst
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from applications import clean_file
from applications.clean_file import RefusedFile, clean
from applications.merging import token
from applications.models import AnswerFile
from applications.models.files import harmless_name
from mentoring.accounts.roles import ADMINISTRATOR, AUDITOR, MANAGER, REVIEWER
from programs.models import Question
from tests import factories
from tests.applications import hostile

# --- Cleaning -----------------------------------------------------------------------------------------------------------


def as_json_of_objects(content):
    """Everything that a PDF says, unpacked."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, stream_decode_level=pikepdf.StreamDecodeLevel.all,
                 compress_streams=False)  # fmt: skip
        return out.getvalue()


@pytest.mark.parametrize("name", hostile.DEFUSED)
def test_what_is_kept_is_not_what_came(name):
    kind, make = hostile.DEFUSED[name]
    given = make()
    kept = {"document": clean_file.clean_document, "portrait": clean_file.clean_portrait}[kind](given)
    shown = as_json_of_objects(kept.content) if kind == "document" else kept.content
    assert kept.content != given
    for trace in (
        hostile.SCRIPT,
        hostile.SECRET,
        b"JavaScript",
        b"/Launch",
        b"/URI",
        b"<script",
        b"PK\x03\x04",
        b"acTL",
        b"Exif",
    ):
        assert trace not in shown, trace


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_what_cannot_be_made_harmless_is_refused_with_a_sentence_and_costs_little(name):
    kind, make = hostile.REFUSED[name]
    given, began = make(), time.monotonic()
    with pytest.raises(RefusedFile, match=r"\.$"):
        clean(given, kind)
    assert time.monotonic() - began < 12


MEASURED = """
import resource, sys
from applications.clean_file import RefusedFile, clean
try:
    clean(sys.stdin.buffer.read(), sys.argv[1])
except RefusedFile:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_no_file_took_more_than_it_may():
    """The largest process that a process of our own waited for while it refused a bomb, in kB."""
    kind, make = hostile.REFUSED["bomb"]
    command = [sys.executable, "-c", MEASURED, kind]
    measured = subprocess.run(command, cwd=settings.BASE_DIR, input=make(), capture_output=True, check=True)
    assert 0 < int(measured.stdout) * 1024 < 512 * 2**20


def test_without_the_limits_a_bomb_would_have_been_read(monkeypatch):
    """The negative control: what refuses it is the limit, and not some fault of the bomb."""
    monkeypatch.setattr(clean_file, "MOST_UNPACKED", 2**40)
    _kind, make = hostile.REFUSED["bomb"]
    assert clean_file.clean_document(make()).pages == 1


def test_a_document_keeps_its_pages_and_what_is_on_them():
    def write(pdf):
        for page in pdf.pages:
            page.obj.Contents = pdf.make_stream(b"BT (My life so far) Tj ET")

    kept = clean(hostile.document(pages=3, act=write), "document")
    assert (kept.ending, kept.pages) == ("pdf", 3)
    assert as_json_of_objects(kept.content).count(b"My life so far") == 3


TAGGED = """
#set text(lang: "en", region: "us")
#set document(title: "CV")
= Training
Some *strong* words, at #link("https://example.org")[a page].
- one
#figure(image(bytes(PICTURE), alt: "The ward in 2020"))
#table(columns: 2, table.header([Year], [Place]), [2020], [Boston])
#pagebreak()
More.
"""


def elements(given):
    """(role, alternative text, language, attributes) of every element below, and [page, mark] pairs of what it names."""
    for kid in given.get("/K", []):
        if kid.get("/MCID") is not None:
            yield [kid.Pg.objgen, kid.MCID]
        else:
            yield str(kid.S), str(kid.get("/Alt", "")), str(kid.get("/Lang", "")), kid.get("/A")
            yield from elements(kid)


def test_a_tagged_document_is_still_read_aloud_as_its_writer_meant():
    picture = f"({', '.join(str(each) for each in hostile.picture())})"
    given = typst.compile(TAGGED.replace("PICTURE", picture).encode(), format="pdf", pdf_standards=["ua-1"])
    with pikepdf.open(io.BytesIO(given)) as pdf:
        pdf.Root.StructTreeRoot.K[0].K[0].Lang = "de"
        given = hostile.written(pdf)
    with pikepdf.open(io.BytesIO(clean(given, "document").content)) as kept:
        assert (str(kept.Root.Lang), kept.Root.MarkInfo.Marked) == ("en-US", True)
        found = list(elements(kept.Root.StructTreeRoot))
        roles = [each[0] for each in found if isinstance(each, tuple)]
        # The link is left behind, and is no link for whoever listens either.
        assert "/Link" not in roles
        for role in (
            "/Document",
            "/H1",
            "/P",
            "/Span",
            "/L",
            "/LI",
            "/Lbl",
            "/LBody",
            "/Figure",
            "/Table",
            "/TH",
            "/TD",
        ):
            assert role in roles, role
        assert ("/Figure", "The ward in 2020", "", None) in found
        assert ("/H1", "", "de", None) in found
        columns = [each[3][0] for each in found if each[0] == "/TH"]
        assert [(each.O, each.Scope) for each in columns] == [("/Table", "/Column")] * 2
        # From each piece of content the way leads to the element that names it.
        ways = kept.Root.StructTreeRoot.ParentTree.Nums
        for page in kept.pages:
            marks = [
                operands[1].MCID
                for operands, operator in pikepdf.parse_content_stream(page)
                if str(operator) == "BDC" and "/MCID" in operands[1]
            ]
            row = ways[2 * page.obj.StructParents + 1]
            assert marks
            for mark in marks:
                assert mark in [kid.get("/MCID") for kid in row[mark].K if kid.get("/Pg", page.obj) == page.obj]
                assert [page.obj.objgen, mark] in found


TAG_KEYS = {"/Type", "/S", "/P", "/K", "/Pg", "/MCID", "/Alt", "/ActualText", "/E", "/Lang", "/A", "/O", "/Scope", "/ColSpan",
            "/RowSpan", "/ListNumbering", "/ParentTree", "/ParentTreeNextKey", "/Nums"}  # fmt: skip


def keys_below(given, seen):
    """Every key that leads on from the tags; pages are looked at elsewhere."""
    if isinstance(given, pikepdf.Array):
        return set().union(*(keys_below(each, seen) for each in given))
    if not isinstance(given, pikepdf.Dictionary) or given.get("/Type") == "/Page" or given.objgen in seen:
        return set()
    if given.is_indirect:
        seen.add(given.objgen)
    return set(given.keys()).union(*(keys_below(each, seen) for each in given.values()))


def test_nothing_comes_in_by_the_tags():
    kept = clean(hostile.document(act=hostile.in_the_tags), "document")
    with pikepdf.open(io.BytesIO(kept.content)) as pdf:
        assert list(elements(pdf.Root.StructTreeRoot)) == [("/P", "", "", None), [pdf.pages[0].obj.objgen, 0]]
        assert keys_below(pdf.Root.StructTreeRoot, set()) <= TAG_KEYS
        assert set(pdf.Root.keys()) == {"/Type", "/Pages", "/StructTreeRoot", "/MarkInfo"}


@pytest.mark.parametrize("act", hostile.NO_TAGS, ids=lambda act: act.__name__)
def test_tags_that_lead_astray_are_left_out_and_the_pages_kept(act):
    kept = clean(hostile.document(act=act), "document")
    with pikepdf.open(io.BytesIO(kept.content)) as pdf:
        assert (len(pdf.pages), set(pdf.Root.keys())) == (1, {"/Type", "/Pages"})


def test_a_portrait_is_upright_and_no_larger_than_needed():
    exif = Image.Exif()
    exif[0x0112] = 6  # held sideways
    kept = clean(hostile.picture((3_000, 2_000), "JPEG", exif=exif), "portrait")
    with Image.open(io.BytesIO(kept.content)) as picture:
        assert picture.size == (1_333, 2_000)
        assert not picture.getexif()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("CV.pdf", "CV.pdf"),
        ("../../etc/passwd", "file.pdf"),
        ("..\\..\\boot.ini.exe", "boot_ini.pdf"),
        ("CV.pdf.exe", "CV_pdf.pdf"),
        ("CV\u202efdp.exe", "CV_fdp.pdf"),
        ("Lebenslauf Ñandú (2).pdf", "Lebenslauf Ñandú (2).pdf"),
        ('x"; filename="y.html', "x_ filename_y.pdf"),
        ("a\r\nSet-Cookie: b.pdf", "a_Set-Cookie_ b.pdf"),
        ("", "file.pdf"),
        ("x" * 300 + ".pdf", "x" * 80 + ".pdf"),
    ],
)
def test_names_lead_nowhere(name, kept):
    assert harmless_name(name, "pdf") == kept


# --- An application with files ----------------------------------------------------------------------------------------------


@pytest.fixture
def draft(db, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    draft = factories.application()
    asks = {"cv": "document", "portrait": "portrait"}
    for position, (key, kind) in enumerate(asks.items(), 20):
        Question.objects.create(
            cycle=draft.cycle, key=key, kind=kind, text=f"Your {key}", position=position, required=key == "cv"
        )
    return draft


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def send(draft, **fields):
    """The form of the goals as it is, but for these fields."""
    draft.refresh_from_db()
    data = {"goals": draft.answers["goals"], "topics": draft.answers["topics"]}
    bases = {f"base.{key}": token(draft.answers[key]) for key in data}
    response = client_of(draft.applicant).post(f"/applications/{draft.pk}/answers/", {**data, **bases, **fields})
    draft.refresh_from_db()
    return response


def upload(name="CV.pdf", content=None):
    return SimpleUploadedFile(name, hostile.document() if content is None else content, "application/x-whatever")


def kept_files(settings):
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def test_a_file_is_kept_privately_and_is_the_answer(draft, settings):
    assert send(draft, cv=upload()).status_code == 302
    row = AnswerFile.objects.get()
    (path,) = kept_files(settings)
    assert path.suffix == ".pdf"
    assert "CV" not in path.name
    assert path.stat().st_mode & 0o077 == 0
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row.digest
    assert draft.answers["cv"] == row.words
    assert row.words.startswith("CV.pdf, 1 page, ")
    assert row.words.endswith(row.digest)


def test_a_refused_file_says_why_and_leaves_the_rest_as_it_was(draft, settings):
    send(draft, cv=upload())
    before = draft.answers["cv"]
    response = send(draft, cv=upload("other.pdf", b"MZ no PDF"), goals="Typed beside it.")
    assert response.status_code == 422
    assert "This is not a PDF. Please save the document as a PDF and choose that." in response.content.decode()
    assert draft.answers["cv"] == before
    assert draft.answers["goals"] == "Typed beside it."
    assert len(kept_files(settings)) == 1


def test_nobody_answers_with_a_text_where_a_file_is_asked(draft):
    send(draft, cv="CV.pdf, 1 page, SHA-256 0")
    assert not draft.answers.get("cv")
    assert ("answers", "cv", "Not answered yet: Your cv") in draft.problems()


def test_a_file_can_be_replaced_and_taken_back_until_it_is_handed_in(draft, settings):
    send(draft, cv=upload("first.pdf"))
    send(draft, cv=upload("second.pdf", hostile.document(pages=2)))
    assert draft.answers["cv"].startswith("second.pdf, 2 pages")
    assert len(kept_files(settings)) == AnswerFile.objects.count() == 1
    send(draft, take_back="cv")
    assert draft.answers["cv"] == ""
    assert kept_files(settings) == []


def test_a_submission_keeps_the_file_it_was_handed_in_with(draft, settings):
    send(draft, cv=upload("first.pdf"))
    draft.submit(by=draft.applicant, received_at=timezone.now())
    first = AnswerFile.objects.get()
    send(draft, cv=upload("second.pdf", hostile.document(pages=2)))
    assert draft.latest.answers["cv"] == first.words
    assert first.is_intact
    assert len(kept_files(settings)) == 2
    Path(first.file.path).write_bytes(b"another")
    assert not first.is_intact


def read(response):
    """Its status; where it is a file, that is read to the end."""
    if response.streaming:
        assert b"".join(response.streaming_content).startswith(b"%PDF-")
    return response.status_code


WHO = [("owner", 200, 200), (REVIEWER, 404, 200), (MANAGER, 404, 200), (ADMINISTRATOR, 404, 404), (AUDITOR, 404, 404),
       ("stranger", 404, 404)]  # fmt: skip


@pytest.mark.parametrize(("role", "draft_status", "handed_in_status"), WHO)
def test_who_may_have_a_file(draft, role, draft_status, handed_in_status):
    people = {"owner": lambda: draft.applicant, "stranger": factories.person}
    person = people.get(role, lambda: factories.staff(role))()
    send(draft, cv=upload())
    address = AnswerFile.objects.get().get_absolute_url()
    assert read(client_of(person).get(address)) == draft_status
    draft.submit(by=draft.applicant, received_at=timezone.now())
    assert read(client_of(person).get(address)) == handed_in_status


def test_a_file_does_nothing_in_a_browser(draft):
    send(draft, cv=upload('x"; filename="y.html'))
    response = client_of(draft.applicant).get(AnswerFile.objects.get().get_absolute_url())
    read(response)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_no_address_leads_into_the_folder(draft, settings):
    send(draft, cv=upload())
    name = kept_files(settings)[0].name
    for folder in ("/", "/static/", "/media/", "/files/", "/mail/"):
        assert client_of(draft.applicant).get(f"{folder}{name}").status_code == 404


def test_the_form_asks_for_files_and_names_those_that_are_there(draft):
    client = client_of(draft.applicant)
    page = client.get(f"/applications/{draft.pk}/answers/").content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert 'type="file" name="cv"' in page.replace("  ", " ")
    send(draft, cv=upload())
    page = client.get(f"/applications/{draft.pk}/answers/").content.decode()
    assert "You have given us CV.pdf, 1 page" in page
    assert AnswerFile.objects.get().get_absolute_url() in page


def test_signed_out_the_text_comes_back_and_the_file_must_be_chosen_again(draft):
    response = Client().post(f"/applications/{draft.pk}/answers/", {"goals": "Typed beside it.", "cv": upload()})
    assert response.status_code == 401
    assert "Typed beside it." in response.content.decode()
    assert "The file you chose (CV.pdf) cannot be kept on this page." in response.content.decode()
