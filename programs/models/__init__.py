from programs.models.cycle import Cycle, Program, Window, WindowKind
from programs.models.rules import Effect, Question, QuestionKind, Rule

__all__ = ["Cycle", "Effect", "Program", "Question", "QuestionKind", "Rule", "Window", "WindowKind"]
