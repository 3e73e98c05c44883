"""What staff do with a proposal that is open, or that came to nothing: other terms, another mentor, more time, a kind word."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from matching import emails
from matching.models import Pairing
from matching.proposal_forms import AnotherMentorForm, ChangeForm, MoreTimeForm
from matching.propose import propose_another
from mentoring.notifications.models import OutgoingEmail
from mentoring.staff import attempt, page, require
from mentoring.workflow import TransitionRefused


class ProposalPages:
    """Added to the admin of pairings."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/terms/", view(self.terms), name="matching_terms"),
            path("<int:pk>/another/", view(self.another), name="matching_another"),
            path("<int:pk>/more-time/", view(self.more_time), name="matching_more_time"),
            path("<int:pk>/word/", view(self.word), name="matching_word"),
        ]
        return own + super().get_urls()

    def terms(self, request, pk):
        """Change the hours, days or note of an open proposal; says first whose yes is void by that, and who is mailed."""
        return self._changing(
            request, pk, ChangeForm, "admin/matching/pairing/terms.html", "Change what is proposed", self._change
        )

    def another(self, request, pk):
        """Propose another mentor to the mentee of an open proposal."""
        return self._changing(
            request,
            pk,
            AnotherMentorForm,
            "admin/matching/pairing/another.html",
            "Propose another mentor",
            self._replace,
        )

    def more_time(self, request, pk):
        """Give more time to answer. Who knows of the proposal is told of the new date."""
        return self._changing(
            request, pk, MoreTimeForm, "admin/matching/pairing/more_time.html", "Give more time to answer", self._extend
        )

    def _changing(self, request, pk, form_class, template, title, do):
        require(request, "matching.propose_pairing")
        pairing = get_object_or_404(Pairing.objects.for_reading(), pk=pk)
        if not pairing.is_open:
            messages.error(request, "This proposal does not wait for an answer any more.")
            return redirect("admin:matching_pairing_change", pk)
        takes_pairing = form_class is not MoreTimeForm
        form = form_class(*([pairing] if takes_pairing else []), request.POST or None)
        if request.method == "POST" and form.is_valid() and (onward := do(request, pairing, dict(form.cleaned_data))):
            return redirect("admin:matching_pairing_change", onward)
        response = page(
            request,
            template,
            title,
            pairing=pairing,
            cycle=pairing.cycle,
            form=form,
            said_yes=[person for person in pairing.told if pairing.said_yes_at(person)],
            opts=self.opts,
        )
        response.status_code = 422 if request.method == "POST" else 200
        return response

    @staticmethod
    def _change(request, pairing, typed):
        done = "The proposal is changed. Who knows of it has been mailed, and is asked anew."
        return attempt(request, lambda: pairing.change(by=request.user, **typed), done) and pairing.pk

    @staticmethod
    def _extend(request, pairing, typed):
        try:
            pairing.extend(by=request.user, **typed)
        except (TransitionRefused, ValueError) as refusal:
            messages.error(request, str(refusal))
            return None
        messages.success(request, f"They can answer until {pairing.respond_by_words}, and have been told.")
        return pairing.pk

    @staticmethod
    def _replace(request, pairing, typed):
        try:
            new = propose_another(pairing, typed.pop("interest"), by=request.user, **typed)
        except TransitionRefused as refusal:
            messages.error(request, str(refusal))
            return None
        messages.success(request, f"{new.mentor} is proposed instead. Who knew of the earlier proposal has been told.")
        return new.pk

    def word(self, request, pk):
        """A kind word to who knew of a proposal that came to nothing: shown as it will read, and sent by one press."""
        require(request, "matching.propose_pairing")
        pairing = get_object_or_404(Pairing.objects.for_reading(), pk=pk)
        if request.method == "POST":
            number = request.POST.get("to", "")
            person = next((each for each in pairing.owed_a_word if str(each.pk) == number), None)
            if person is None:
                messages.error(request, "There is nobody to write to: they did not know of it, ended it, or have left.")
            else:
                with transaction.atomic():
                    written = emails.PairingClosed.of(pairing, person).queue()
                told = f"{person} is being mailed." if written else f"{person} has been written to already."
                messages.success(request, told)
            return redirect("admin:matching_pairing_change", pk)
        sent = set(words_sent(pairing).values_list("recipient", flat=True))
        return page(
            request,
            "admin/matching/pairing/word.html",
            "A kind word",
            pairing=pairing,
            cycle=pairing.cycle,
            letters=[
                {
                    "person": person,
                    "mail": emails.PairingClosed.of(pairing, person).as_read(),
                    "sent": person.pk in sent,
                }
                for person in pairing.owed_a_word
            ],
            opts=self.opts,
        )


def words_sent(pairing):
    """The kind words about this pairing that are on their way or there."""
    return OutgoingEmail.objects.filter(
        kind="PairingClosed", about_type=pairing._meta.label_lower, about_id=str(pairing.pk)
    )
