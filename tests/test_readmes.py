"""The READMEs say what the code does: the diagrams of states are the tables of the workflows."""

import re
from pathlib import Path

import pytest

from applications.models import Application, MentorInterest, PlaceOffer
from matching.models import Pairing, PreferenceList, SuggestionRun
from mentoring.workflow import edges
from programs.models import Inquiry

ROOT = Path(__file__).parent.parent
DIAGRAMS = [
    (Inquiry, "programs/README.md", "## The life of a question"),
    (Application, "applications/README.md", "## The life of an application"),
    (MentorInterest, "applications/README.md", "## The life of a mentor interest"),
    (PlaceOffer, "applications/README.md", "## The life of an offered place"),
    (PreferenceList, "matching/README.md", "## The life of a preference list"),
    (Pairing, "matching/README.md", "## The life of a pairing"),
    (SuggestionRun, "matching/README.md", "## The life of a suggestion"),
]


@pytest.mark.parametrize(("model", "file", "heading"), DIAGRAMS)
def test_the_diagram_of_states_is_the_table_of_the_workflow(model, file, heading):
    chapter = (ROOT / file).read_text().split(heading, 1)[1].split("\n## ", 1)[0]

    drawn = {(verb, source, target) for source, target, verb in re.findall(r"(\w+) --> (\w+): (\w+)", chapter)}

    assert drawn == edges(model)
