"""Staff answer what people ask before they apply: the queue, and one page for each question."""

import hashlib

from django.contrib import admin
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.text import Truncator, capfirst

from mentoring.accounts.models import User
from mentoring.staff import Queue, ReadOnlyAdmin, attempt, dashboard, history, number_or_404, page, require
from programs import emails
from programs.forms import AnswerForm, CloseForm
from programs.models import Inquiry


@admin.register(Inquiry)
class InquiryAdmin(ReadOnlyAdmin):
    list_display = ["name", "age", "about", "where_it_stands", "begins"]
    list_filter = ["status", "program"]
    search_fields = ["name", "email", "situation"]
    list_select_related = ["program"]
    list_per_page = 50
    actions = None

    @admin.display(description="Asked", ordering="asked_at")
    def age(self, inquiry):
        return f"{inquiry.age} ago"

    @admin.display(description="Program", ordering="program__abbreviation")
    def about(self, inquiry):
        return inquiry.program.abbreviation

    @admin.display(description="Question")
    def begins(self, inquiry):
        line = " ".join(inquiry.situation.split())
        return Truncator(line).chars(60)

    @admin.display(description="Where it stands", ordering="status")
    def where_it_stands(self, inquiry):
        return inquiry.get_status_display()

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/answer/", view(self.answer_view), name="programs_inquiry_answer"),
            path("<int:pk>/close/", view(self.close_view), name="programs_inquiry_close"),
        ]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        require(request, "programs.view_inquiry")
        return self.one(request, get_object_or_404(self.get_queryset(request), pk=number_or_404(object_id)))

    def one(self, request, inquiry, *, form=None, close_form=None, mail=None):
        """A question, who asks, and the answer: written, then read as the mail it will be, then sent."""
        person = who_asks(inquiry)
        return page(
            request,
            "admin/programs/inquiry/one.html",
            capfirst(str(inquiry)),
            inquiry=inquiry,
            person=person,
            applications=applications_of(person, inquiry.program) if person else [],
            others=other_questions(inquiry, person),
            form=form or AnswerForm(),
            close_form=close_form or CloseForm(),
            mail=mail,
            seen=fingerprint(mail) if mail else "",
            may_answer=inquiry.is_open and request.user.has_perm("programs.answer_inquiry"),
            events=history(inquiry) if request.user.has_perm("audit.view_event") else [],
            opts=self.opts,
        )

    def answer_view(self, request, pk):
        """Show the answer as it will be mailed; send it once that very mail has been seen."""
        require(request, "programs.answer_inquiry")
        inquiry = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method != "POST":
            return redirect("admin:programs_inquiry_change", pk)
        form = AnswerForm(request.POST)
        if not form.is_valid():
            response = self.one(request, inquiry, form=form)
            response.status_code = 422
            return response
        text = form.cleaned_data["answer"]
        mail = emails.InquiryAnswered.of(inquiry, text).as_read()
        if request.POST.get("move") == "send" and request.POST.get("seen") == fingerprint(mail):
            done = f"The answer is on its way to {inquiry.addressee.email}."
            if attempt(request, lambda: inquiry.answer(by=request.user, text=text), done):
                return redirect("admin:programs_inquiry_changelist")
        return self.one(request, Inquiry.objects.get(pk=pk), form=form, mail=mail)

    def close_view(self, request, pk):
        require(request, "programs.answer_inquiry")
        inquiry = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method != "POST":
            return redirect("admin:programs_inquiry_change", pk)
        form = CloseForm(request.POST)
        if not form.is_valid():
            response = self.one(request, inquiry, close_form=form)
            response.status_code = 422
            return response
        why = form.cleaned_data["why"]
        attempt(request, lambda: inquiry.close(by=request.user, why=why), "Closed. Nobody is told.")
        return redirect("admin:programs_inquiry_change", pk)


def who_asks(inquiry):
    """The account behind a question: the one that asked, or the one whose verified address was typed; else None."""
    if inquiry.person:
        return inquiry.person
    return User.objects.filter(emailaddress__email__iexact=inquiry.email, emailaddress__verified=True).first()


def applications_of(person, program):
    """What this person handed in to the program, newest first. Drafts are nobody's but theirs."""
    return person.applications.handed_in().filter(cycle__program=program).select_related("cycle__program")


def other_questions(inquiry, person):
    """What the same person, or the same address, asked in this program besides."""
    same = Inquiry.objects.filter(email=inquiry.email)
    if person:
        same = same | Inquiry.objects.for_person(person)
    return same.filter(program=inquiry.program).exclude(pk=inquiry.pk).select_related("program")


def fingerprint(mail):
    """Names exactly this mail, so that what is sent is what was seen."""
    return hashlib.sha256("\n".join(mail).encode()).hexdigest()


def oldest():
    """How long the oldest open question waits, for the dashboard."""
    first = Inquiry.objects.open().order_by("asked_at").first()
    return f"The oldest was asked {first.age} ago." if first else "Asked before applying; answered by email."


dashboard.queues.append(
    Queue(
        "Questions to answer",
        lambda: Inquiry.objects.open(),
        # Oldest first: by the second column.
        lambda: f"{reverse('admin:programs_inquiry_changelist')}?status__exact=open&o=2",
        "programs.answer_inquiry",
        "Applications",
        oldest,
        "wait",
    )
)
