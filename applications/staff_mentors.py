"""The staff's pages about mentors to come: asking last cycle's again, and entering one who phoned."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from applications.mentor_emails import MentorRenewal
from applications.models import MentorInterest
from applications.models.mentors import MOST_PLACES
from mentoring.accounts.models import CareerStage, User
from mentoring.audit.models import record
from mentoring.plain_words import say_plainly
from mentoring.staff import attempt, page, require
from programs.models import Cycle


class EnterMentorForm(forms.Form):
    """What somebody said on the phone. They look at it, agree and hand it in themselves."""

    email = forms.EmailField(label="Email address")
    name = forms.CharField(max_length=200, label="Name", help_text="Used if there is no account with this address yet.")
    career_stage = forms.ChoiceField(choices=[("", ""), *CareerStage.choices], label="Career stage")
    places_offered = forms.IntegerField(min_value=1, max_value=MOST_PLACES, initial=1, label="How many mentees at most")
    profile = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}), required=False, max_length=3000, label="What they said (optional)"
    )
    why = forms.CharField(
        max_length=300, label="How it came to you", help_text="For the history, as in “phoned today”."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_plainly(self)


class MentorPages:
    """Mixed into the admin of mentor interests."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("ask-again/<int:cycle_id>/", view(self.ask_again), name="applications_ask_mentors"),
            path("enter/<int:cycle_id>/", view(self.enter), name="applications_enter_mentor"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request, extra_context=None):
        cycles = Cycle.objects.for_staff()
        may = request.user.has_perm("applications.approve_mentorinterest")
        open_cycles = [cycle for cycle in cycles if cycle.accepts_mentors] if may else []
        return super().changelist_view(request, {**(extra_context or {}), "open_cycles": open_cycles})

    def ask_again(self, request, cycle_id):
        """Whom a mail would ask, by name; and the button that sends it to exactly these."""
        require(request, "applications.approve_mentorinterest")
        cycle = get_object_or_404(Cycle.objects.select_related("program").prefetch_related("windows"), pk=cycle_id)
        rows = list(MentorInterest.objects.to_ask_again(cycle).select_related("mentor", "cycle__program"))
        if request.method == "POST" and cycle.accepts_mentors:
            seen = set(request.POST.getlist("seen"))
            with transaction.atomic():
                sent = [row for row in rows if str(row.pk) in seen and MentorRenewal.of(row, cycle).queue()]
                record("ask_mentors_again", cycle, by=request.user, asked=len(sent))
            messages.success(request, f"{len(sent)} mentor{'s are' if len(sent) != 1 else ' is'} asked by mail.")
            return redirect("admin:applications_mentorinterest_changelist")
        title = f"Ask last cycle's mentors: {cycle}"
        return page(
            request, "admin/applications/mentorinterest/ask_again.html", title, cycle=cycle, rows=rows, opts=self.opts
        )

    def enter(self, request, cycle_id):
        """An offer for somebody who phoned: a draft of theirs, and a mail that asks them to look, agree and hand it in."""
        require(request, "applications.approve_mentorinterest")
        cycle = get_object_or_404(Cycle.objects.select_related("program").prefetch_related("windows"), pk=cycle_id)
        form = EnterMentorForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            done = "Entered. A mail asks them to look at it, agree and hand it in."
            if attempt(request, lambda: enter_for(cycle, form.cleaned_data, by=request.user), done):
                return redirect("admin:applications_mentorinterest_changelist")
        title = f"Enter a mentor: {cycle}"
        response = page(
            request, "admin/applications/mentorinterest/enter.html", title, cycle=cycle, form=form, opts=self.opts
        )
        response.status_code = 422 if form.errors else 200
        return response


def enter_for(cycle, said, *, by):
    """The draft of the person with this address, who gets an account if there is none. Raises TransitionRefused."""
    with transaction.atomic():
        person = User.objects.filter(email__iexact=said["email"]).first() or User.objects.create_user(
            said["email"], name=said["name"], career_stage=said["career_stage"]
        )
        given = {"places_offered": said["places_offered"], "profile": said["profile"]}
        MentorInterest(cycle=cycle, mentor=person).enter(given, by=by, why=said["why"])
