"""What every template keeps to: nothing inline that the content security policy forbids, and only icons that are built."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Mail readers know nothing but inline styles.
TEMPLATES = [
    path
    for path in sorted((ROOT / "templates").rglob("*.html"))
    if "email" not in path.relative_to(ROOT / "templates").parts
]

INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "a javascript: address": re.compile(r"[\"']javascript:", re.IGNORECASE),
    "a script without src": re.compile(r"<script\b(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")"),
}


def test_there_are_templates_to_look_at():
    assert len(TEMPLATES) > 50


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_nothing_inline(path):
    source = path.read_text()
    assert [what for what, pattern in INLINE.items() if pattern.search(source)] == []


def test_every_icon_used_is_in_the_sprite():
    listed = re.search(r"const icons = \[(.*?)\];", (ROOT / "static" / "build.js").read_text(), re.DOTALL)
    built = set(re.findall(r'"([a-z0-9-]+)"', listed.group(1)))
    used = set()
    for path in TEMPLATES:
        source = path.read_text()
        used |= set(re.findall(r'components/icon\.html" with name="([a-z0-9-]+)"', source))
        used |= set(re.findall(r'\bicon="([a-z0-9-]+)"', source))
    assert used
    assert used - built == set()


def test_every_page_that_says_whom_to_ask_knows_whom():
    asking = re.compile(r"{% include \"programs/_contact.html\"[^%]*%}")
    found = [(path, tag) for path in TEMPLATES for tag in asking.findall(path.read_text())]
    assert found
    assert [str(path) for path, tag in found if " contact=" not in tag] == []
