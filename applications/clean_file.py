"""A file from outside, looked at and written anew: what is kept is never what came.

The type is told by the content. Documents are PDFs, of which only the pages are taken over, without scripts, actions,
forms, links and attachments. Portraits are drawn again, without what a camera notes. This runs in a process of its own
with little memory and time (``clean``), since a small file can unpack to a very large one:

    python -m applications.clean_file document < it > the clean one
"""

import io
import json
import resource
import subprocess
import sys
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

MEMORY, SECONDS = 512 * 2**20, 10
LARGEST = 10 * 2**20
MOST_PAGES, LARGEST_PAGE = 20, 3_400  # in points: a poster of 47 inches
MOST_PIXELS, LONGEST_SIDE = 25_000_000, 2_000
# What all parts of a document may unpack to.
MOST_UNPACKED = 100 * 2**20
REFUSED = 3
DOCUMENT, PORTRAIT = "document", "portrait"
PDF, JPEG, PNG = b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
TOO_LARGE = "This file is larger than 10 MB. Please choose a smaller one."
UNREADABLE = "This file could not be read: it is damaged, or would take too much room or time. Please save it anew and try again."
NO_PDF = "This is not a PDF. Please save the document as a PDF and choose that."
NO_PICTURE = "This is neither a JPEG nor a PNG. Please choose a picture of one of these types."


class RefusedFile(Exception):
    """A file that is not taken; the text is a sentence for who sent it."""


@dataclass(frozen=True)
class CleanFile:
    """The file as it is kept: its bytes, its ending (pdf, jpg or png) and how many pages it has."""

    content: bytes
    ending: str
    pages: int


def clean(content, kind):
    """The file written anew, in a process that may take 512 MB and ten seconds. Raises RefusedFile."""
    if len(content) > LARGEST:
        raise RefusedFile(TOO_LARGE)
    command = [sys.executable, "-I", str(Path(__file__)), kind]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False, env={})
    except subprocess.TimeoutExpired as error:
        raise RefusedFile(UNREADABLE) from error
    if done.returncode == REFUSED:
        raise RefusedFile(done.stderr.decode())
    if done.returncode:
        raise RefusedFile(UNREADABLE)
    facts, _, written = done.stdout.partition(b"\n")
    return CleanFile(written, **json.loads(facts))


# --- In the process of its own -----------------------------------------------------------------------------------------


def clean_document(content):
    """A PDF of the same pages and nothing else."""
    if not content.startswith(PDF):
        raise RefusedFile(NO_PDF)
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as given:
            check_pages(given)
            check_streams(given, pikepdf)
            kept = pikepdf.new()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that forms and links are left behind is what this is for
                kept.pages.extend(given.pages)
            for page in kept.pages:
                strip(page.obj, PAGE_KEYS)
            for each in kept.objects:
                defuse(each, pikepdf)
            kept.remove_unreferenced_resources()
            written = io.BytesIO()
            kept.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            return CleanFile(written.getvalue(), "pdf", len(kept.pages))
    except pikepdf.PasswordError as error:
        raise RefusedFile("This PDF is locked with a password. Please save it without one.") from error


PAGE_KEYS = {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/UserUnit", "/Group"}
# Where a PDF says what to do, to run, to send, to play or to carry along, whatever object says it.
ACTIVE = {"/A", "/AA", "/OpenAction", "/JS", "/JavaScript", "/Launch", "/URI", "/EF", "/AF", "/Annots", "/AcroForm", "/XFA",
          "/RichMediaContent", "/Movie", "/Sound", "/Rendition", "/PieceInfo", "/Metadata", "/OPI", "/Ref", "/PS"}  # fmt: skip


def check_pages(pdf):
    if len(pdf.pages) > MOST_PAGES:
        raise RefusedFile(f"This PDF has {len(pdf.pages)} pages; at most {MOST_PAGES} are taken.")
    if not pdf.pages:
        raise RefusedFile("This PDF has no pages.")
    for page in pdf.pages:
        left, bottom, right, top = (float(edge) for edge in page.mediabox)
        unit = float(page.obj.get("/UserUnit", 1))
        if max(abs(right - left), abs(top - bottom)) * unit > LARGEST_PAGE:
            raise RefusedFile(
                "A page of this PDF is larger than a poster. Please save it in the size of a sheet of paper."
            )


def check_streams(pdf, pikepdf):
    """No part unpacks to more than all parts together may."""
    left = MOST_UNPACKED
    for each in pdf.objects:
        if not isinstance(each, pikepdf.Stream):
            continue
        if float(each.get("/Width", 0)) * float(each.get("/Height", 0)) > MOST_PIXELS:
            raise RefusedFile("A picture in this PDF is too large. Please save it with smaller pictures.")
        filters = each.get("/Filter", [])
        names = [str(name) for name in (filters if isinstance(filters, pikepdf.Array) else [filters])]
        if names.count("/FlateDecode") > 1 or any(name in ("/LZWDecode", "/Crypt") for name in names):
            raise RefusedFile(UNREADABLE)
        if names[:1] == ["/FlateDecode"]:
            left -= unpacked(each.read_raw_bytes(), left)


def unpacked(packed, most):
    """How many bytes it unpacks to, counted piece by piece. Raises RefusedFile where there are more than ``most``."""
    machine, count = zlib.decompressobj(), 0
    while packed:
        try:
            count += len(machine.decompress(packed, 2**20))
        except zlib.error:
            return count
        if count > most:
            raise RefusedFile("This PDF unpacks to far more than a document of this size holds. Please save it anew.")
        packed = machine.unconsumed_tail
    return count


def strip(dictionary, keep):
    for key in set(dictionary.keys()) - keep:
        del dictionary[key]


def defuse(each, pikepdf):
    """Take out of an object, and of what is written right inside it, all that is not for looking at."""
    if isinstance(each, pikepdf.Array):
        for item in each:
            defuse_inside(item, pikepdf)
    elif isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
        for key in ACTIVE & set(each.keys()):
            del each[key]
        for key in each.keys():  # noqa: SIM118 (a PDF's dictionary is no dict)
            defuse_inside(each[key], pikepdf)


def defuse_inside(item, pikepdf):
    if isinstance(item, pikepdf.Object) and not item.is_indirect:
        defuse(item, pikepdf)


def clean_portrait(content):
    """The same picture, upright, at most 2,000 pixels long, with nothing beside the pixels."""
    if not content.startswith((JPEG, PNG)):
        raise RefusedFile(NO_PICTURE)
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as given:
        if given.width * given.height > MOST_PIXELS:
            raise RefusedFile("This picture has more than 25 million pixels. Please choose a smaller one.")
        ending = "jpg" if given.format == "JPEG" else "png"
        given.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(given)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        plain = upright.convert("RGBA" if ending == "png" and "A" in upright.getbands() else "RGB")
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    written = io.BytesIO()
    bare.save(written, "JPEG" if ending == "jpg" else "PNG", quality=90)
    return CleanFile(written.getvalue(), ending, 1)


def main(kind):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        written = {DOCUMENT: clean_document, PORTRAIT: clean_portrait}[kind](sys.stdin.buffer.read(LARGEST + 1))
    except RefusedFile as refusal:
        sys.stderr.write(str(refusal))
        return REFUSED
    except Exception:  # whatever a hostile file makes a reader stumble over, memory and recursion included
        return 1
    sys.stdout.buffer.write(json.dumps({"ending": written.ending, "pages": written.pages}).encode() + b"\n")
    sys.stdout.buffer.write(written.content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
