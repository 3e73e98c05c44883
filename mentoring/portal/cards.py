"""The cards of the signed-in home: what a person is part of, as a sentence, a next step and a date.

Nothing here may depend on what staff have not released or shared: it reads an application's status, never its decisions,
and pairings only once they were proposed.
"""

from applications import elsewhere
from applications import standing as applications_standing
from applications.models import Application, MentorInterest
from matching import standing as matching_standing
from matching.models import Pairing, PreferenceList


def cards_for(person):
    """All cards of a person, what waits for them first."""
    applications = (
        Application.objects.for_reading().for_applicant(person).prefetch_related("submissions", "place_offers")
    )
    lists = {each.application_id: each for each in PreferenceList.objects.for_reading().for_mentee(person)}
    pairings = list(Pairing.objects.shared_with(person).for_reading().order_by("-proposed_at"))
    again = elsewhere.ways_again(person, [each for each in applications if each.is_declined])
    # A proposal comes before the application that led to it.
    cards = [pairing_card(pairing, person) for pairing in pairings if pairing.is_open]
    cards += [
        declined_card(application, again[application.pk])
        if application.is_declined
        else application_card(application, lists.get(application.pk), pairings)
        for application in applications
    ]
    cards += [mentor_card(interest) for interest in MentorInterest.objects.for_reading().for_mentor(person)]
    cards += [pairing_card(pairing, person) for pairing in pairings if not pairing.is_open]
    return sorted(cards, key=lambda card: card["tone"] != "now")


def card(cycle, title, url, label, standing):
    """What the status card component shows. Only what waits for the person has the main button."""
    button = "btn-primary" if standing["tone"] == "now" else "btn-secondary"
    shown = {
        "eyebrow": str(cycle),
        "title": title,
        "url": url,
        "label": label,
        "button": button,
        "zone": cycle.time_zone,
    }
    return {**shown, **standing}


def application_card(application, preference_list, pairings):
    standing = applications_standing.of_application(application)
    if application.is_accepted:
        return accepted_card(application, preference_list, pairings, standing)
    if application.open_offer:
        return card(
            application.cycle, "Your application", application.open_offer.get_absolute_url(), "Answer", standing
        )
    label = "Go on with your application" if application.may_hand_in else "Open your application"
    return card(application.cycle, "Your application", application.get_absolute_url(), label, standing)


def declined_card(application, again):
    """After a no: the way to try again, and beside it the application, with other programs that fit."""
    standing = {**applications_standing.of_application(application), **again.told}
    own, label = application.get_absolute_url(), "Open your application"
    if not again.url:
        return card(application.cycle, "Your application", own, label, standing)
    also = {"also_url": own, "also_label": label}
    return {**card(application.cycle, "Your application", again.url, again.label, standing), **also}


def accepted_card(application, preference_list, pairings, standing):
    """An accepted mentee: the pairing if there is one, else the list while it is open, else what comes next."""
    url, label = application.get_absolute_url(), "Open your application"
    own = [pairing for pairing in pairings if pairing.application_id == application.pk]
    proposed = next((pairing for pairing in own if pairing.is_open), None)
    agreed = next((pairing for pairing in own if pairing.is_agreed), None)
    if proposed and preference_list:
        # The next step is on the card of the pairing.
        standing = {**matching_standing.of_list(preference_list, proposed), "next_step": ""}
    elif agreed:
        standing = applications_standing.of_application(application, agreed)
    elif preference_list and preference_list.may_edit:
        standing = matching_standing.of_list(preference_list)
        standing["sentence"] = f"You are accepted. {standing['sentence']}"
        url = preference_list.get_absolute_url()
        label = "Read or change your list" if preference_list.submitted_at else "Rank mentors"
        label = "Go on with your list" if preference_list.draft else label
    return card(application.cycle, "Your application", url, label, standing)


def mentor_card(interest):
    label = "Go on with the form" if interest.status == MentorInterest.Status.DRAFT else "Open your mentor page"
    standing = applications_standing.of_interest(interest)
    return card(interest.cycle, "Mentoring", interest.get_absolute_url(), label, standing)


def pairing_card(pairing, person):
    role, asked = "mentor" if person == pairing.mentee else "mentee", pairing.awaits(person)
    title = f"A {role} is proposed to you" if asked else f"Your {role}"
    label = "See and answer" if asked else "Open this pairing"
    return card(pairing.cycle, title, pairing.get_absolute_url(), label, matching_standing.of_pairing(pairing, person))
