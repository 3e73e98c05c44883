"""The small language that email texts are written in: those we ship, and those that staff write.

Paragraphs with blank lines between them. Lines that start with ``- `` are a list. A line ``-> Label: address`` is a
button. ``{{ name }}`` stands for a value, and that is all a text can do: there are no tags, filters or lookups, so no
wording can run code or reach for data it was not given. Values are filled in after the text has been taken apart, so
a value never becomes a list, a button or a header.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

PLACEHOLDER = re.compile(r"\{\{ *(\w+) *\}\}")
MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
BUTTON = re.compile(r"-> *(?P<label>[^:\s][^:]*?) *: *(?P<url>\S.*)")
# What neither PostgreSQL nor a mail can carry: control characters other than tab and line ends, and lone surrogates.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
LONGEST_SUBJECT = 200


class TextError(ValueError):
    """What is wrong with a text or a value, in a sentence."""


@dataclass(frozen=True)
class Rendered:
    """A text with its values in place. ``blocks`` is what the HTML layout draws."""

    subject: str
    blocks: list[dict]

    def as_plain_text(self, footer):
        """The text part, with the lines of ``footer`` after a signature mark."""
        return "\n\n".join([*map(_plain, self.blocks), "-- \n" + "\n".join(footer)]) + "\n"


def split_source(source):
    """A text file's subject and body; its first line must be ``Subject: ...``."""
    first, _, body = source.partition("\n")
    if not first.startswith("Subject: "):
        raise TextError("The first line must start with “Subject: ”.")
    return first.removeprefix("Subject: ").strip(), body.strip()


def subject_errors(subject: str, known: Collection[str]) -> list[str]:
    """What is wrong with a subject line, as sentences."""
    if not subject.strip():
        return ["Write a subject."]
    if len(subject.splitlines()) > 1:
        return ["The subject must be one line."]
    return _placeholder_errors(subject, known)


def body_errors(body: str, known: Collection[str]) -> list[str]:
    """What is wrong with a body, as sentences."""
    if not body.strip():
        return ["Write a text."]
    try:
        parse(body)
    except TextError as error:
        return [str(error), *_placeholder_errors(body, known)]
    return _placeholder_errors(body, known)


def _placeholder_errors(text, known):
    unknown = sorted(set(PLACEHOLDER.findall(text)) - set(known))
    names = ", ".join(f"{{{{ {name} }}}}" for name in sorted(known))
    errors = [f"This email knows no {{{{ {name} }}}}. You can use {names}." for name in unknown]
    if found := MARKS.search(PLACEHOLDER.sub("", text)):
        errors.append(f"Take out “{found[0]}”. Only placeholders of this form can be used: {names}.")
    return errors


def parse(body: str) -> list[dict]:
    """The blocks of a body, with placeholders still in them."""
    chunks = re.split(r"\n\s*\n", body.strip().replace("\r\n", "\n"))
    return [block for chunk in chunks for block in _blocks(chunk.splitlines())]


def _blocks(lines):
    blocks = []
    for line in map(str.strip, lines):
        before = blocks[-1] if blocks else {"kind": None}
        if line.startswith("->"):
            blocks.append({"kind": "button", **_button(line)})
        elif line.startswith("- ") and before["kind"] == "list":
            before["items"].append(line[2:].strip())
        elif line.startswith("- "):
            blocks.append({"kind": "list", "items": [line[2:].strip()]})
        elif before["kind"] == "paragraph":
            before["text"] += f" {line}"
        elif before["kind"] == "list":  # an item that runs on
            before["items"][-1] += f" {line}"
        else:
            blocks.append({"kind": "paragraph", "text": line})
    return blocks


def _button(line):
    found = BUTTON.fullmatch(line)
    if not found:
        raise TextError(f"Write a button as “-> Label: {{{{ link }}}}”, not as “{line}”.")
    return found.groupdict()


def render(subject: str, body: str, values: Mapping[str, str]) -> Rendered:
    """Fill the values in. Raises TextError for a value that is missing or a button that leads nowhere."""
    blocks = [{key: _fill_part(key, part, values) for key, part in block.items()} for block in parse(body)]
    for block in blocks:
        if block["kind"] == "button" and not block["url"].startswith(("https://", "http://")):
            raise TextError(f"The button “{block['label']}” needs an address that starts with https://.")
    return Rendered(_shorten(_one_line(_fill(subject, values))), blocks)


def clean(value) -> str:
    """A value as text that can be stored and mailed; its line ends kept."""
    return UNPRINTABLE.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n")).strip()


def _fill_part(key, part, values):
    if key == "kind":
        return part
    if key == "items":
        return [_one_line(_fill(item, values)) for item in part]
    filled = _fill(part, values)
    return filled if key == "text" else _one_line(filled)


def _fill(text, values):
    try:
        return PLACEHOLDER.sub(lambda found: clean(values[found[1]]), text)
    except KeyError as missing:
        raise TextError(f"There is no value for {{{{ {missing.args[0]} }}}}.") from None


def _one_line(text):
    return " ".join(text.split())


def _shorten(subject):
    return subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1] + "…"


def _plain(block):
    if block["kind"] == "list":
        return "\n".join(f"- {item}" for item in block["items"])
    if block["kind"] == "button":
        return f"{block['label']}:\n{block['url']}"
    return block["text"]
