"""What good mentor profiles tell: a checklist beside the text. It advises; nothing is refused for it."""

import re

# What to tell, and a pattern (the same in Python and JavaScript, in any case of letters) by which a text seems to tell it.
# Each must take time in proportion to the text, however long: hence the anchor of the last.
CHECKS = [
    ("What you do: your field, your work", r"\b(work|research|practic|clinic|patient|lead|train|faculty|fellow)"),
    ("What you like to help with, in an example", r"\b(help|advi[cs]e|guid|review|draft|prepar|plan|support|coach)"),
    ("How and when you like to meet", r"\b(meet|call|video|online|evening|morning|week|month|hour)"),
    ("Something of your own way: a detour, a doubt", r"\b(i (learned|wish|changed|moved|came|started|was)|my (own|path|way))\b"),
    ("At least 40 words, so that people can choose", r"^\s*(\S+\s+){39}\S"),
]  # fmt: skip


def checked(text):
    """[(what to tell, its pattern, whether the text seems to tell it)]"""
    return [(told, pattern, bool(re.search(pattern, text, re.IGNORECASE))) for told, pattern in CHECKS]
