"""What an answer said before it was changed, so that it can be brought back."""

from django.db import models

from applications.models.application import Application
from programs import deadlines

# A trigger writes the rows, whoever changes an answer: one for a question in this span, and besides whenever the change
# comes from another device or takes away more than half. The oldest go when there are more than MOST for a question.
MINUTES, MOST = 10, 50


class EarlierText(models.Model):
    """One answer of a draft as it was until somebody changed it. Only the applicant sees it; it goes with the draft."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="earlier_texts")
    question = models.CharField(max_length=40)
    value = models.JSONField()
    until = models.DateTimeField()
    replaced_from = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["application", "question", "-id"], name="earlier_text_of_a_question")]

    def __str__(self):
        return f"{self.question} of the {self.application} until {self.until_words}"

    @property
    def until_words(self):
        return deadlines.words(self.until, self.application.cycle.time_zone)
