"""What changed between two versions of an application, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# A word with the space after it.
WORDS = re.compile(r"\S+\s*|\s+")
SAME, REMOVED, ADDED = "same", "removed", "added"


@dataclass(frozen=True)
class Change:
    """One question whose answer differs: ``pieces`` are (kind, text), in the order in which they are read."""

    question: str
    pieces: list


@dataclass(frozen=True)
class Part:
    """One section with what changed in it, and how many answers did not."""

    title: str
    changes: list
    unchanged: int


def changes(before, after):
    """The parts of two accounts that differ. Each account is a list of (title, (question, answer) pairs), as people read them."""
    found = []
    for (title, old), (_title, new) in zip(before, after, strict=True):
        pairs = list(zip(old, new, strict=True))
        differing = [
            Change(question, pieces(was, now)) for (question, was), (_question, now) in pairs if str(was) != str(now)
        ]
        if differing:
            found.append(Part(title, differing, len(pairs) - len(differing)))
    return found


def pieces(before, after):
    """The way from one text to another, as (kind, text): what stayed, what was removed, what was added."""
    old, new = WORDS.findall(str(before)), WORDS.findall(str(after))
    found = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append((SAME, "".join(old[a:b])))
        else:
            found += [(kind, text) for kind, text in ((REMOVED, "".join(old[a:b])), (ADDED, "".join(new[c:d]))) if text]
    return found
