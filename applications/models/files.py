"""The files that people hand over with an application, written anew and kept where no address leads."""

import hashlib
import re
import secrets

from django.core.files.base import ContentFile
from django.db import models
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone

from applications.clean_file import clean
from applications.models.application import Application
from mentoring.constraints import one_of


class FileType(models.TextChoices):
    PDF = "pdf", "application/pdf"
    JPEG = "jpg", "image/jpeg"
    PNG = "png", "image/png"


def random_name(row, name):
    """Where a file is kept says nothing of whose it is."""
    return f"{secrets.token_hex(16)}.{row.type}"


def harmless_name(name, ending):
    """What the person called it, without a path, without marks that turn writing around, with the ending that it has."""
    stem = re.split(r"[/\\]", name)[-1].rpartition(".")[0]
    plain = re.sub(r"[^\w ()-]+", "_", stem)[:80].strip(" _")
    return f"{plain or 'file'}.{ending}"


class AnswerFile(models.Model):
    """A file that answers one question of one application. A row and its file never change; another takes their place.

    The answer itself is ``words``, so that whatever shows, compares or seals answers has the file's SHA-256 in it.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="files")
    question = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=4, choices=FileType)
    pages = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    file = models.FileField(upload_to=random_name)
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [one_of("type", FileType, name="answer_file_type_is_known")]

    def __str__(self):
        return self.words

    def get_absolute_url(self):
        return reverse("applications:file", args=[self.application_id, self.pk])

    def delete(self, *args, **kwargs):
        """The row, and the file with it."""
        gone = super().delete(*args, **kwargs)
        self.file.delete(save=False)
        return gone

    @property
    def words(self):
        """ "CV.pdf, 2 pages, 133.0 KB, SHA-256 9f86d081…": what stands as the answer."""
        pages = f"{self.pages} page{'s' if self.pages > 1 else ''}, " if self.type == FileType.PDF else ""
        size = filesizeformat(self.size).replace("\xa0", " ")
        return f"{self.name}, {pages}{size}, SHA-256 {self.digest}"

    @property
    def is_handed_in(self):
        """Whether a submission names it: then it is kept, and staff may read it."""
        return any(self.words in each.answers.values() for each in self.application.submissions.all())

    @property
    def is_intact(self):
        """Whether what is kept is still what was handed over."""
        with self.file.open() as kept:
            return hashlib.file_digest(kept, "sha256").hexdigest() == self.digest


def answer_with_file(application, question, upload, kind, *, device=""):
    """Let this file answer the question, in place of another that was not handed in. Raises RefusedFile.

    What is kept is the clean copy; the answers beside it stay as they are.
    """
    cleaned = clean(upload.read(), kind)
    row = AnswerFile(
        application=application,
        question=question,
        name=harmless_name(upload.name, cleaned.ending),
        type=cleaned.ending,
        pages=cleaned.pages,
        size=len(cleaned.content),
        digest=hashlib.sha256(cleaned.content).hexdigest(),
    )
    row.file.save("", ContentFile(cleaned.content), save=False)
    row.save()
    application.save_draft(answers={question: row.words}, device=device)
    forget_replaced(application, question)


def take_back_file(application, question, *, device=""):
    """Leave the question without an answer again."""
    application.save_draft(answers={question: ""}, device=device)
    forget_replaced(application, question)


def forget_replaced(application, question):
    """Delete the files of a question that neither the draft nor any submission names."""
    for row in AnswerFile.objects.filter(application=application, question=question):
        if row.words != application.answers.get(question) and not row.is_handed_in:
            row.delete()


def files_in(application, answers):
    """The files that these answers name, by question."""
    return {row.question: row for row in application.files.all() if row.words == answers.get(row.question)}
