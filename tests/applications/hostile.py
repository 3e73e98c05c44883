"""Files that mean harm, made anew for each test: nobody keeps such things in a repository."""

import io
import zipfile
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

# What a reader of the clean copy must never find.
SCRIPT, SECRET = b"app.alert", b"carried along"


def written(pdf, **options):
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


AS_IT_IS = {"stream_decode_level": pikepdf.StreamDecodeLevel.none, "compress_streams": False}


def document(pages=1, size=(612, 792), act=None, **options):
    """A PDF of some pages; ``act`` does something bad to it."""
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=size)
    if act:
        act(pdf)
    return written(pdf, **options)


def script():
    return Dictionary(S=Name.JavaScript, JS=SCRIPT.decode() + "(1)")


def on_open(pdf):
    pdf.Root.OpenAction = script()


def on_page(pdf):
    pdf.pages[0].obj.AA = Dictionary(O=script(), C=Dictionary(S=Name.Launch, F="carried along.exe"))


def by_name(pdf):
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["go", pdf.make_indirect(script())])))


def in_a_link(pdf):
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI="http://carried along")
    )
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])


def in_a_form(pdf):
    field = pdf.make_indirect(
        Dictionary(FT=Name.Tx, T="name", Subtype=Name.Widget, Rect=[0, 0, 9, 9], AA=Dictionary(K=script()))
    )
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), XFA=pdf.make_stream(SECRET))
    pdf.pages[0].obj.Annots = Array([field])


def with_a_file(pdf):
    pdf.attachments["virus.exe"] = SECRET * 100


def in_resources(pdf):
    inner = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9], OPI=Dictionary(F="carried along"))
    stream = pdf.make_stream(b"q Q")
    stream.stream_dict = inner
    stream.stream_dict.AA = Dictionary(O=script())
    pdf.pages[0].obj.Resources = Dictionary(
        XObject=Dictionary(X=stream), Properties=Dictionary(P=Dictionary(A=script()))
    )


def in_the_metadata(pdf):
    pdf.Root.Metadata = pdf.make_stream(SECRET)
    pdf.docinfo["/Author"] = SECRET.decode()


def tag(pdf, parent, **more):
    return pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, P=parent, **more))


def tagged(pdf):
    """Tags as they should be: a paragraph that names what the first page shows. The root, and the paragraph."""
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    one = tag(pdf, root, Pg=pdf.pages[0].obj, K=Array([0]))
    root.K = Array([one])
    pdf.Root.StructTreeRoot = root
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/P <</MCID 0>> BDC EMC")
    return root, one


def in_the_tags(pdf):
    root, one = tagged(pdf)
    file = pdf.make_indirect(
        Dictionary(Type=Name.Filespec, F="carried along.exe", EF=Dictionary(F=pdf.make_stream(SECRET)))
    )
    one.A = Array([script(), Dictionary(O=Name.Table, Scope=script(), ColSpan=script(), Summary="carried along")])
    one.AA, one.OpenAction = Dictionary(O=script()), script()
    one.AF, one.Ref, one.C, one.NS = Array([file]), Array([file]), Name.Bad, Dictionary(Schema=file)
    one.T, one.ID, one.Alt, one.Lang = "carried along", "carried along", script(), "carried along"
    seen = Dictionary(Type=Name.OBJR, Obj=Dictionary(A=script()), Pg=pdf.pages[0].obj)
    one.K = Array([0, seen])
    root.RoleMap = Dictionary(P=script(), Q=Name("/carried along"))
    root.ClassMap, root.AF, root.OpenAction = Dictionary(Bad=script()), Array([file]), script()
    root.IDTree = Dictionary(Names=Array(["carried along", script()]))
    root.ParentTree = Dictionary(Nums=Array([0, script()]))
    root.Namespaces = Array([Dictionary(NS="http://carried along", Schema=file)])


def in_a_circle(pdf):
    _root, one = tagged(pdf)
    two = tag(pdf, one, K=Array([one]))
    one.K = Array([0, two])


def twice(pdf):
    root, one = tagged(pdf)
    root.K = Array([one, one])


def deep(pdf):
    root, one = tagged(pdf)
    for _ in range(500):
        one = tag(pdf, root, K=Array([one]))
    root.K = one


def wide(pdf):
    root, _one = tagged(pdf)
    root.K = Array([tag(pdf, root) for _ in range(20_001)])


def many_marks(pdf):
    _root, one = tagged(pdf)
    one.K = Array(range(20_001))


def much_text(pdf):
    _root, one = tagged(pdf)
    one.Alt = "x" * 500_001


def far_mark(pdf):
    _root, one = tagged(pdf)
    one.K = Array([0, 2**31 - 1])


def of_no_page(pdf):
    _root, one = tagged(pdf)
    one.Pg = pdf.make_indirect(Dictionary(Type=Name.Page, AA=Dictionary(O=script())))


def of_content_elsewhere(pdf):
    _root, one = tagged(pdf)
    one.K = Array([0, Dictionary(Type=Name.MCR, Pg=pdf.pages[0].obj, MCID=1, Stm=pdf.make_stream(SECRET))])


def no_tree(pdf):
    tagged(pdf)
    pdf.Root.StructTreeRoot = Array([script()])


def zeros(megabytes):
    """So many megabytes of nothing, packed: one block, again and again. It has no end, which no reader gets to see."""
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = machine.compress(bytes(2**20)) + machine.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\xda" + block * megabytes


def bomb(pdf):
    """A few hundred kilobytes that unpack to 150 megabytes."""
    stream = pdf.make_stream(b"")
    stream.write(zeros(150), filter=Name.FlateDecode)
    pdf.pages[0].obj.Contents = stream


def bomb_in_a_bomb(pdf):
    stream = pdf.make_stream(b"")
    stream.write(zlib.compress(zlib.compress(bytes(2**26), 9), 9), filter=Array([Name.FlateDecode, Name.FlateDecode]))
    pdf.pages[0].obj.Contents = stream


def huge_picture(pdf):
    stream = pdf.make_stream(b"")
    facts = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 60_000, "Height": 60_000, "BitsPerComponent": 8}
    stream.stream_dict = Dictionary(ColorSpace=Name.DeviceGray, **facts)
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=stream))


def object_stream_bomb():
    """The table of objects itself unpacks to 600 megabytes."""
    packed = zeros(600)
    head = b"%PDF-1.5\n"
    table = (
        b"1 0 obj\n<< /Type /XRef /Size 99999999 /W [1 4 2] /Root 2 0 R /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
        + packed + b"\nendstream\nendobj\n"
    )  # fmt: skip
    return head + table + b"startxref\n%d\n%%%%EOF\n" % len(head)


def nested():
    """Arrays in arrays, deeper than any reader's stack."""
    return b"%PDF-1.4\n1 0 obj\n" + b"[" * 200_000 + b"]" * 200_000 + b"\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def picture(size=(60, 40), kind="PNG", color="red", **options):
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind, **options)
    return out.getvalue()


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as kept:
        kept.writestr("virus.exe", SECRET)
    return out.getvalue()


def where_it_was_taken():
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    return picture(kind="JPEG", exif=exif, comment=SECRET)


def png_of(width, height):
    """A PNG whose head claims a size that its body does not have."""
    body = picture()
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + body[24:29]
    return body[:16] + head + zlib.crc32(b"IHDR" + head).to_bytes(4, "big") + body[33:]


# name -> (kind of question, content). Those that are taken are written anew; all others are refused with a sentence.
DEFUSED = {
    "script when opened": ("document", lambda: document(act=on_open)),
    "script on a page, and a program": ("document", lambda: document(act=on_page)),
    "script by name": ("document", lambda: document(act=by_name)),
    "link": ("document", lambda: document(act=in_a_link)),
    "form with scripts": ("document", lambda: document(act=in_a_form)),
    "attachment": ("document", lambda: document(act=with_a_file)),
    "script among the resources": ("document", lambda: document(act=in_resources)),
    "script in the tags": ("document", lambda: document(act=in_the_tags)),
    "metadata": ("document", lambda: document(act=in_the_metadata)),
    "PDF and archive in one": ("document", lambda: document() + archive()),
    "PDF and page in one": ("document", lambda: document() + b"<script>carried along</script>"),
    "picture and archive in one": ("portrait", lambda: picture() + archive()),
    "picture and page in one": ("portrait", lambda: picture(kind="JPEG") + b"<script>carried along</script>"),
    "where it was taken": ("portrait", where_it_was_taken),
    "moving picture": (
        "portrait",
        lambda: picture(save_all=True, append_images=[Image.new("RGB", (60, 40), "blue")] * 3),
    ),
}
# Tags that are not taken over; the pages are.
NO_TAGS = [in_a_circle, twice, deep, wide, many_marks, much_text, far_mark, of_no_page, of_content_elsewhere, no_tree]
REFUSED = {
    "nothing": ("document", lambda: b""),
    "page called a PDF": ("document", lambda: b"<html><script>app.alert(1)</script>"),
    "program called a PDF": ("document", lambda: b"MZ\x90\x00" + document()),
    "archive called a PDF": ("document", archive),
    "picture called a PDF": ("document", picture),
    "PDF called a picture": ("portrait", document),
    "SVG called a PNG": (
        "portrait",
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>app.alert(1)</script></svg>',
    ),
    "GIF called a JPEG": ("portrait", lambda: picture(kind="GIF")),
    "TIFF behind a JPEG's first bytes": ("portrait", lambda: b"\xff\xd8\xff" + picture(kind="TIFF")),
    "half a PDF": ("document", lambda: document()[:40]),
    "half a picture": ("portrait", lambda: picture((400, 400))[:200]),
    "locked": ("document", lambda: document(encryption=pikepdf.Encryption(user="secret", owner="secret"))),
    "many pages": ("document", lambda: document(pages=21)),
    "2,000 pages": ("document", lambda: document(pages=2_000)),
    "no page": ("document", lambda: document(pages=0)),
    "huge page": ("document", lambda: document(size=(14_400, 14_400))),
    "bomb": ("document", lambda: document(act=bomb, **AS_IT_IS)),
    "bomb in a bomb": ("document", lambda: document(act=bomb_in_a_bomb, **AS_IT_IS)),
    "bomb of objects": ("document", object_stream_bomb),
    "deep nesting": ("document", nested),
    "huge picture in a PDF": ("document", lambda: document(act=huge_picture)),
    "picture of 50,000 by 50,000": ("portrait", lambda: png_of(50_000, 50_000)),
    "picture of 30 million pixels": ("portrait", lambda: picture((6_000, 5_000))),
    "eleven megabytes": ("document", lambda: document() + bytes(11 * 2**20)),
}
