"""Documents to keep, as tagged PDF (PDF/UA-1): a title, a lead, and parts with rows of facts.

The layout is in ``pdf.typ``. The same facts and the same moment always give the same bytes.
"""

import json
from pathlib import Path

import typst
from django.conf import settings
from django.http import HttpResponse

SOURCE = Path(__file__).with_suffix(".typ").read_bytes()


def document(title, *, lead, parts, at, footer=""):
    """The PDF as bytes.

    ``lead`` is a list of paragraphs; ``parts`` a list of {"title", "text"?: paragraphs, "rows"?: (label, value) pairs,
    "digests"?: (what it is of, how that begins, its name, the digest)}; ``at`` the moment that the document says it was
    made. Scripts that the shipped fonts lack are drawn with the machine's own; where it has none either, the document is
    still tagged, but no longer claims PDF/UA.
    """
    told = {"title": title, "lead": lead, "parts": parts, "footer": footer or title, "site": settings.SITE_NAME}
    for own_fonts_only, standards in ((True, ["ua-1"]), (False, ["ua-1"]), (False, [])):
        try:
            return typst.compile(
                SOURCE,
                format="pdf",
                sys_inputs={"document": json.dumps(told, ensure_ascii=False)},
                ignore_system_fonts=own_fonts_only,
                pdf_standards=standards,
                timestamp=at.replace(microsecond=0),
            )
        except typst.TypstError as error:
            if not standards or "could not be displayed" not in str(error):
                raise
    raise AssertionError("The last try returns or raises.")


def download(content, filename):
    """An answer that a browser keeps as a file, and that nobody between keeps."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
