from programs.models.cycle import AnswersFirst, Cycle, PreferencesCome, Program, Window, WindowKind
from programs.models.examples import Example, Expected
from programs.models.inquiries import Inquiry
from programs.models.moves import Extension, WindowMove
from programs.models.rules import Effect, Question, QuestionKind, Rule
from programs.models.wordings import KeptCard, Part, Wording

__all__ = [
    "AnswersFirst",
    "Cycle",
    "Effect",
    "Example",
    "Expected",
    "Extension",
    "Inquiry",
    "KeptCard",
    "Part",
    "PreferencesCome",
    "Program",
    "Question",
    "QuestionKind",
    "Rule",
    "Window",
    "WindowKind",
    "WindowMove",
    "Wording",
]
