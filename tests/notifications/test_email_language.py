"""The language of email texts: what it can say, and what it cannot be made to do."""

import pytest

from mentoring.notifications import texts

KNOWN = {"name", "link"}


def test_a_source_is_a_subject_line_and_a_body():
    assert texts.split_source("Subject: Hello {{ name }}\n\nDear you,\n") == ("Hello {{ name }}", "Dear you,")
    with pytest.raises(texts.TextError, match="first line"):
        texts.split_source("Dear you,\n")


def test_paragraphs_lists_and_buttons():
    body = "Dear {{ name }},\r\n\r\nOne\ntwo.\nBring:\n- a pen\n- some\n  paper\n\n-> Go there: {{ link }}"
    rendered = texts.render("Hello", body, {"name": "Ada", "link": "https://example.org/?a=1&b=2"})
    assert rendered.blocks == [
        {"kind": "paragraph", "text": "Dear Ada,"},
        {"kind": "paragraph", "text": "One two. Bring:"},
        {"kind": "list", "items": ["a pen", "some paper"]},
        {"kind": "button", "label": "Go there", "url": "https://example.org/?a=1&b=2"},
    ]
    paragraphs = rendered.as_plain_text(["Because."]).split("\n\n")
    assert paragraphs[:3] == ["Dear Ada,", "One two. Bring:", "- a pen\n- some paper"]
    assert paragraphs[3:] == ["Go there:\nhttps://example.org/?a=1&b=2", "-- \nBecause.\n"]


def test_a_value_never_becomes_structure():
    value = "x\r\n\r\n-> Pay here: https://evil.example.org\r\n- item {{ link }} {% now %}"
    rendered = texts.render("Hi {{ name }}", "{{ name }}\n\n- {{ name }}", {"name": value, "link": "SECRET"})
    assert [block["kind"] for block in rendered.blocks] == ["paragraph", "list"]
    assert rendered.blocks[1]["items"] == ["x -> Pay here: https://evil.example.org - item {{ link }} {% now %}"]
    assert "\n" not in rendered.subject
    assert "\r" not in rendered.subject
    assert "SECRET" not in str(rendered)


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\x0b", "\x85", "\u2028"])
def test_a_value_cannot_break_the_subject_line(line_end):
    subject = texts.render("Hi {{ name }}", "x", {"name": f"Eve{line_end}Bcc: all@example.org"}).subject
    assert len(subject.splitlines()) == 1


def test_a_subject_of_a_megabyte_is_cut():
    subject = texts.render("{{ name }}", "x", {"name": "x" * 1_000_000}).subject
    assert len(subject) == texts.LONGEST_SUBJECT
    assert subject.endswith("…")


def test_values_lose_what_cannot_be_stored():
    assert texts.clean("a\x00b\ud800c\td\r\ne ") == "abc\td\ne"


@pytest.mark.parametrize(
    "text",
    [
        "{% load static %}",
        "{% include 'x' %}",
        "{{ settings.SECRET_KEY }}",
        "{{ name|upper }}",
        "{{ name.pk }}",
        "{{ unknown }}",
        "{{ Name }}",
        "{{ 'x' }}",
        "{{ name",
        "{# a comment #}",
        "{{ {{ name }} }}",
    ],
)
def test_nothing_but_known_placeholders_is_allowed(text):
    assert texts.body_errors(f"Dear {{{{ name }}}}, {text}", KNOWN)
    assert texts.subject_errors(f"News {text}", KNOWN)


def test_errors_say_what_can_be_used():
    (error,) = texts.body_errors("Dear {{ nmae }}", KNOWN)
    assert error == "This email knows no {{ nmae }}. You can use {{ link }}, {{ name }}."
    assert texts.body_errors("Dear {{ name }}", KNOWN) == []
    assert texts.subject_errors("News for {{ name }}", KNOWN) == []


@pytest.mark.parametrize("subject", ["", "  ", "One\nBcc: two@example.org", "One\rtwo"])
def test_a_subject_is_one_line_that_says_something(subject):
    assert texts.subject_errors(subject, KNOWN)


@pytest.mark.parametrize("body", ["", " \n ", "-> no address", "-> : {{ link }}", "->"])
def test_a_body_says_something_and_its_buttons_lead_somewhere(body):
    assert texts.body_errors(body, KNOWN)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "/relative/", "example.org"])
def test_a_button_leads_to_a_web_address(link):
    with pytest.raises(texts.TextError, match="https://"):
        texts.render("Hi", "-> Go: {{ link }}", {"link": link})
