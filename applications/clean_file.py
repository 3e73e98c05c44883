"""A file from outside, looked at and written anew: what is kept is never what came.

The type is told by the content. Documents are PDFs, of which only the pages are taken over, without scripts, actions,
forms, links and attachments, and the tags by which they are read aloud, as far as those are understood. Portraits are
drawn again, without what a camera notes. This runs in a process of its own with little memory and time (``clean``), since
a small file can unpack to a very large one:

    python -m applications.clean_file document < it > the clean one
"""

import io
import json
import re
import resource
import subprocess
import sys
import warnings
import zlib
from dataclasses import dataclass, field
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
    """A PDF of the same pages and their tags, and nothing else."""
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
            if language := language_in(given.Root, pikepdf):
                kept.Root.Lang = language
            if tags := tags_of(given, pikepdf):
                write_tags(kept, tags, pikepdf)
            written = io.BytesIO()
            kept.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            return CleanFile(written.getvalue(), "pdf", len(kept.pages))
    except pikepdf.PasswordError as error:
        raise RefusedFile("This PDF is locked with a password. Please save it without one.") from error


PAGE_KEYS = {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/UserUnit", "/Group"}
# Where a PDF says what to do, to run, to send, to play or to carry along, whatever object says it.
ACTIVE = {"/A", "/AA", "/OpenAction", "/JS", "/JavaScript", "/Launch", "/URI", "/EF", "/AF", "/Annots", "/AcroForm", "/XFA",
          "/RichMediaContent", "/Movie", "/Sound", "/Rendition", "/PieceInfo", "/Metadata", "/OPI", "/Ref", "/PS"}  # fmt: skip
# Where it says its place in the tags, which get new numbers.
PLACE_IN_TAGS = {"/StructParent", "/StructParents"}


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
        for key in (ACTIVE | PLACE_IN_TAGS) & set(each.keys()):
            del each[key]
        for key in each.keys():  # noqa: SIM118 (a PDF's dictionary is no dict)
            defuse_inside(each[key], pikepdf)


def defuse_inside(item, pikepdf):
    if isinstance(item, pikepdf.Object) and not item.is_indirect:
        defuse(item, pikepdf)


# --- The tags of a document --------------------------------------------------------------------------------------------

# Links, forms and annotations are left behind, and their roles with them.
ROLES = {"Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index", "NonStruct", "P", "H", "H1",
         "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody", "Table", "TR", "TH", "TD", "THead", "TBody", "TFoot", "Span",
         "Quote", "Note", "Reference", "BibEntry", "Code", "Ruby", "RB", "RT", "RP", "Warichu", "WT", "WP", "Figure",
         "Formula"}  # fmt: skip
NO_ROLE = "NonStruct"
TEXTS = ("/Alt", "/ActualText", "/E")
ATTRIBUTES = {"/Table": ("/Scope", "/ColSpan", "/RowSpan"), "/List": ("/ListNumbering",)}
LANGUAGE, WORD = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}"), re.compile(r"/[A-Za-z]{1,20}")
MOST_TAGS, DEEPEST_TAG, MOST_TAG_TEXT = 20_000, 40, 500_000


class NoTags(Exception):
    """The tags are not taken over."""


@dataclass
class Tag:
    """One element of the structure, as plain values. Its kids are tags and (page, mark in its content) pairs."""

    role: str
    texts: dict = field(default_factory=dict)
    attributes: list = field(default_factory=list)
    kids: list = field(default_factory=list)


def tags_of(pdf, pikepdf):
    """The tags of a document, whole or not at all: what has none among some that have is left out by whoever reads it aloud."""
    try:
        tags = TagReader(pdf, pikepdf)
        read = tags.read()
    except NoTags:
        return []
    return read if tags.marks else []


class TagReader:
    """Reads a tree of tags into plain values, each element once. Whatever is not named above does not get through."""

    def __init__(self, pdf, pikepdf):
        self.pikepdf = pikepdf
        self.root = self.dictionary(pdf.Root.get("/StructTreeRoot"))
        self.roles = self.root.get("/RoleMap")
        self.pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        self.left, self.text_left = MOST_TAGS, MOST_TAG_TEXT
        self.seen, self.marks = set(), set()
        self.must(len(self.pages) == len(pdf.pages))

    def must(self, holds):
        if not holds:
            raise NoTags

    def dictionary(self, value):
        self.must(isinstance(value, self.pikepdf.Dictionary))
        return value

    def listed(self, value):
        """The items of an array, or the one that stands in its place; all of them together are limited."""
        for item in value if isinstance(value, self.pikepdf.Array) else [] if value is None else [value]:
            self.left -= 1
            self.must(self.left >= 0)
            yield item

    def read(self):
        return [self.element(item, 1) for item in self.listed(self.root.get("/K"))]

    def element(self, given, depth):
        self.must(depth <= DEEPEST_TAG)
        if self.dictionary(given).is_indirect:
            self.must(given.objgen not in self.seen)
            self.seen.add(given.objgen)
        tag = Tag(self.role(given.get("/S")), self.texts(given), self.attributes(given))
        for kid in self.listed(given.get("/K")):
            kind = kid.get("/Type") if isinstance(kid, self.pikepdf.Dictionary) else None
            if isinstance(kid, int):
                tag.kids.append(self.mark(given.get("/Pg"), kid))
            elif kind == "/MCR":
                self.must("/Stm" not in kid)
                tag.kids.append(self.mark(kid.get("/Pg", given.get("/Pg")), kid.get("/MCID")))
            elif kind != "/OBJR":
                tag.kids.append(self.element(kid, depth + 1))
        return tag

    def mark(self, page, number):
        """Where in the content of a page something of the element stands."""
        found = self.pages.get(self.dictionary(page).objgen)
        self.must(found is not None and isinstance(number, int) and 0 <= number < MOST_TAGS)
        mark = (found, int(number))
        self.must(mark not in self.marks)
        self.marks.add(mark)
        return mark

    def role(self, name):
        """The role that everybody knows, which one of the document's own may stand for."""
        for _ in range(10):
            if not isinstance(name, self.pikepdf.Name):
                break
            if str(name)[1:] in ROLES:
                return str(name)[1:]
            name = self.roles.get(str(name)) if isinstance(self.roles, self.pikepdf.Dictionary) else None
        return NO_ROLE

    def texts(self, given):
        texts = {key: bytes(given[key]) for key in TEXTS if isinstance(given.get(key), self.pikepdf.String)}
        self.text_left -= sum(len(text) for text in texts.values())
        self.must(self.text_left >= 0)
        if language := language_in(given, self.pikepdf):
            texts["/Lang"] = language.encode()
        return texts

    def attributes(self, given):
        read = []
        for each in self.listed(given.get("/A")):
            owner = self.plain(each.get("/O")) if isinstance(each, self.pikepdf.Dictionary) else None
            plain = {key: self.plain(each.get(key)) for key in ATTRIBUTES.get(owner, ())}
            if known := {key: value for key, value in plain.items() if value is not None}:
                read.append({"/O": owner, **known})
        return read

    def plain(self, value):
        if isinstance(value, self.pikepdf.Name) and WORD.fullmatch(str(value)):
            return str(value)
        return int(value) if isinstance(value, int) and 0 < value < 1_000 else None


def language_in(given, pikepdf):
    """The language that a document or an element names, or ""."""
    language = given.get("/Lang")
    found = LANGUAGE.fullmatch(bytes(language).decode("latin-1")) if isinstance(language, pikepdf.String) else None
    return found[0] if found else ""


def write_tags(pdf, tags, pikepdf):
    """A new tree of these tags, and for each page the way from its content to them."""
    root = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
    pages = [page.obj for page in pdf.pages]
    marked: list[dict] = [{} for _ in pages]

    def value(plain):
        return pikepdf.Name(plain) if isinstance(plain, str) else plain

    def written(tag, parent):
        facts = {key: pikepdf.String(text) for key, text in tag.texts.items()}
        element = pdf.make_indirect(
            pikepdf.Dictionary(
                {"/Type": pikepdf.Name.StructElem, "/S": pikepdf.Name(f"/{tag.role}"), "/P": parent, **facts}
            )
        )
        if tag.attributes:
            each = [pikepdf.Dictionary({key: value(plain) for key, plain in known.items()}) for known in tag.attributes]
            element.A = pikepdf.Array(each)
        kids = []
        for kid in tag.kids:
            if isinstance(kid, Tag):
                kids.append(written(kid, element))
            else:
                page, number = kid
                marked[page][number] = element
                kids.append(pikepdf.Dictionary(Type=pikepdf.Name.MCR, Pg=pages[page], MCID=number))
        if kids:
            element.K = pikepdf.Array(kids)
        return element

    root.K = pikepdf.Array([written(tag, root) for tag in tags])
    ways = []
    for number, (page, elements) in enumerate(zip(pages, marked, strict=True)):
        page.StructParents = number
        row = [elements.get(mark) for mark in range(max(elements, default=-1) + 1)]
        ways += [number, pdf.make_indirect(pikepdf.Array(row))]
    root.ParentTree = pdf.make_indirect(pikepdf.Dictionary(Nums=pikepdf.Array(ways)))
    root.ParentTreeNextKey = len(pages)
    pdf.Root.StructTreeRoot = root
    pdf.Root.MarkInfo = pikepdf.Dictionary(Marked=True)


# --- Portraits ---------------------------------------------------------------------------------------------------------


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
