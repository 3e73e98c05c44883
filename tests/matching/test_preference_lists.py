"""A mentee's list of mentors: its two states, and what may stand on it."""

import pytest
from django.utils import timezone

from applications.models import MentorInterest
from matching.market import cycle_market
from matching.models import PreferenceList
from matching.ranking import Ranking, by_number, merged
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused, edges
from tests import factories

pytestmark = pytest.mark.django_db


def a_list(mentors=4):
    """A mentee's open list in a cycle with so many mentors (ids of their interests, by name)."""
    made, manager = factories.cycle(), factories.staff()
    mentors = [factories.interest(made, factories.person(f"Mentor {n}"), manager=manager) for n in range(mentors)]
    application = factories.application(made, in_status="accepted", manager=manager)
    return application.preference_list, [mentor.pk for mentor in mentors]


def hand_in(preference_list, interests, **choice):
    person = preference_list.application.applicant
    preference_list.submit(by=person, received_at=timezone.now(), ranking=Ranking(interests, **choice))


def test_the_table_is_the_one_written_here():
    assert edges(PreferenceList) == {("submit", "open", "submitted"), ("submit", "submitted", "submitted")}


def test_what_was_handed_in_last_counts():
    preference_list, (a, b, c, d) = a_list()

    hand_in(preference_list, [c, a, b])
    hand_in(preference_list, [d, b, a, c])

    assert [interest.pk for interest in preference_list.ranked] == [d, b, a, c]
    assert (preference_list.status, preference_list.times_submitted) == ("submitted", 2)


def test_no_preference_is_an_answer_and_empties_the_list():
    preference_list, mentors = a_list()
    hand_in(preference_list, mentors[:3])

    hand_in(preference_list, mentors[:3], no_preference=True)

    assert (preference_list.no_preference, preference_list.ranked) == (True, [])


@pytest.mark.parametrize(
    ("choose", "sentence"),
    [
        (lambda mentors: mentors[:2], "Please rank 3 to 5 mentors, or say that you have no preference."),
        (lambda mentors: mentors[:6], "Please rank 3 to 5 mentors, or say that you have no preference."),
        (lambda mentors: [], "Please rank 3 to 5 mentors, or say that you have no preference."),
        (lambda mentors: [*mentors[:2], mentors[0]], "The same mentor is on your list twice."),
        (lambda mentors: [*mentors[:2], 0], "A mentor on your list can no longer be chosen."),
    ],
)
def test_a_list_that_the_rules_do_not_allow_is_refused(choose, sentence):
    preference_list, mentors = a_list(6)

    with pytest.raises(TransitionRefused, match=sentence):
        hand_in(preference_list, choose(mentors))

    assert PreferenceList.objects.get(pk=preference_list.pk).status == "open"


def test_only_the_mentee_ranks_mentors():
    preference_list, mentors = a_list()

    with pytest.raises(TransitionRefused, match="Only the mentee can rank mentors"):
        preference_list.submit(by=factories.staff(), received_at=timezone.now(), ranking=Ranking(mentors[:3]))


def test_a_mentee_who_has_withdrawn_ranks_nobody():
    preference_list, mentors = a_list()
    preference_list.application.withdraw(by=preference_list.application.applicant)

    with pytest.raises(TransitionRefused, match="Only accepted mentees rank mentors"):
        hand_in(preference_list, mentors[:3])


def test_a_list_is_refused_after_the_window_and_the_one_before_stands():
    preference_list, (a, b, c, d) = a_list()
    hand_in(preference_list, [a, b, c])
    closed = timezone.now()
    factories.move_window(preference_list.cycle, "preferences", closes_at=closed)
    preference_list = PreferenceList.objects.get(pk=preference_list.pk)

    with pytest.raises(TransitionRefused, match=r"Preferences closed at .+ What you handed in before stands\."):
        preference_list.submit(by=preference_list.application.applicant, received_at=closed, ranking=Ranking([d, c, b]))

    assert [interest.pk for interest in preference_list.ranked] == [a, b, c]


def test_the_mentors_to_choose_from_are_those_the_rules_allow():
    made, manager = factories.cycle(), factories.staff()
    home = factories.institution()
    application = factories.application(made, factories.person(at=home), in_status="accepted", manager=manager)
    fine = factories.interest(made, manager=manager)
    factories.interest(made, factories.person(at=home), manager=manager)
    factories.interest(made, in_status="paused", manager=manager)
    factories.interest(made, in_status="submitted")
    factories.interest(manager=manager)  # of another cycle
    factories.pairing(made, in_status="proposed", mentor=factories.interest(made, manager=manager), manager=manager)
    with_a_draft = factories.interest(made, manager=manager)
    factories.pairing(made, mentor=with_a_draft, manager=manager)

    allowed = {interest.pk for interest in application.preference_list.eligible_mentors()}

    assert allowed == {fine.pk, with_a_draft.pk}  # a draft is not told to anyone, so it takes nobody off the list


# --- The draft: what the page shows and is not handed in ---------------------------------------------------------------


def press(client, preference_list, **data):
    client.force_login(preference_list.application.applicant)
    return client.post(preference_list.get_absolute_url(), data)


def drafted(preference_list):
    return PreferenceList.objects.get(pk=preference_list.pk).draft


def test_every_button_keeps_the_order_and_the_page_shows_it_again(client):
    preference_list, (a, b, c, _d) = a_list()

    press(client, preference_list, order=[a, b], add=c)
    press(client, preference_list, order=[a, b, c], move_up=c)
    press(client, preference_list, order=[a, c, b], remove=a)

    page = client.get(preference_list.get_absolute_url())
    assert page.context["ranking"].order == [c, b]
    assert "Your list is saved. You have not handed it in yet." in page.content.decode()
    assert PreferenceList.objects.get(pk=preference_list.pk).status == "open"


def test_what_was_handed_in_counts_until_the_changes_are_handed_in_too(client):
    preference_list, (a, b, c, d) = a_list()
    hand_in(preference_list, [a, b, c])
    changed = "You have changed your list; the changes are not handed in."

    press(client, preference_list, order=[c, a, b])

    assert [interest.pk for interest in preference_list.ranked] == [a, b, c]
    assert drafted(preference_list)["order"] == [c, a, b]
    for path in ("/home/", preference_list.get_absolute_url()):
        assert changed in client.get(path).content.decode()
    press(client, preference_list, order=[c, a, b, d], hand_in="on")
    assert [interest.pk for interest in preference_list.ranked] == [c, a, b, d]
    assert drafted(preference_list) is None
    assert changed not in client.get("/home/").content.decode()


def test_what_is_changed_back_is_no_change(client):
    preference_list, (a, b, c, d) = a_list()
    hand_in(preference_list, [a, b, c])

    press(client, preference_list, order=[a, b, c], add=d)
    press(client, preference_list, order=[a, b, c, d], remove=d)

    assert drafted(preference_list) is None


def test_a_list_that_is_refused_is_kept(client):
    preference_list, (a, b, _c, _d) = a_list()

    assert press(client, preference_list, order=[b, a], hand_in="on").status_code == 409

    assert drafted(preference_list)["order"] == [b, a]


def test_the_page_s_script_saves_the_order_and_is_told_when_it_is_too_late(client):
    preference_list, (a, b, c, _d) = a_list()
    client.force_login(preference_list.application.applicant)
    send = {"path": preference_list.get_absolute_url(), "headers": {"X-Requested-With": "autosave"}}

    saved = client.post(data={"order": [b, a], "no_preference": "on"}, **send)
    factories.move_window(preference_list.cycle, "preferences", closes_at=timezone.now())
    late = client.post(data={"order": [c]}, **send)

    assert saved.json()["saved"].endswith("The changes are not handed in.")
    assert (late.status_code, late.json()["message"][:18]) == (409, "The list closed at")
    assert (drafted(preference_list)["order"], drafted(preference_list)["no_preference"]) == ([b, a], True)


def test_adding_says_which_choice_it_became(client):
    preference_list, (a, b, c, _d) = a_list()

    assert "Added, choice 3 of 5." in press(client, preference_list, order=[a, b], add=c).content.decode()


def test_a_draft_names_only_mentors_one_may_have(client):
    preference_list, (a, *_others) = a_list()

    press(client, preference_list, order=[a, 10**9])

    assert drafted(preference_list)["order"] == [a]


def test_once_a_mentor_is_proposed_the_list_steps_back(client):
    preference_list, mentors = a_list()
    press(client, preference_list, order=mentors[:2])
    pairing = factories.pairing(mentee=preference_list.application, in_status="proposed")

    home = client.get("/home/").context["cards"]
    page = client.get(preference_list.get_absolute_url()).content.decode()
    own = client.get(preference_list.application.get_absolute_url()).content.decode()

    assert [card["title"] for card in home] == ["A mentor is proposed to you", "Your application"]
    assert (home[1]["sentence"], home[1]["next_step"]) == ("A mentor is proposed to you. Your list is kept.", "")
    assert "A mentor is proposed to you. Your list is kept." in page
    assert pairing.get_absolute_url() in page
    assert "You are accepted. A mentor is proposed to you." in own


# --- Two windows, quick presses, numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "made_with", "shown", "order"),
    [
        ([1, 2], [1, 2], [1, 2, 3], [1, 2, 3]),  # added here
        ([1, 2, 4], [1, 2], [1, 2], [1, 2, 4]),  # added elsewhere
        ([1, 2, 4], [1, 2], [1, 2, 3], [1, 2, 4, 3]),  # both
        ([1], [1, 2], [1, 2], [1]),  # removed elsewhere
        ([1, 2, 4], [1, 2], [2], [2, 4]),  # removed here
        ([1, 2, 4], [1, 2], [2, 1], [2, 1, 4]),  # moved here, added elsewhere
        ([2, 1], [1, 2], [1, 2, 3], [2, 1, 3]),  # moved elsewhere
        ([2], [1, 2], [2, 1, 3], [2, 3]),  # removed elsewhere, moved and added here
    ],
)
def test_what_two_windows_do_is_done_by_both(kept, made_with, shown, order):
    assert merged(kept, made_with, shown) == order


@pytest.mark.parametrize(
    ("typed", "order"),
    [
        ({1: "1", 2: "2", 3: "3"}, [1, 2, 3]),
        ({1: "3", 2: "2", 3: "3"}, [2, 3, 1]),
        ({1: "1", 2: "2", 3: "1"}, [3, 1, 2]),
        ({1: "9", 2: "", 3: "x"}, [2, 3, 1]),
        ({1: "3", 2: "1", 3: "2"}, [2, 3, 1]),
    ],
)
def test_a_typed_number_takes_a_mentor_to_that_place(typed, order):
    assert by_number([1, 2, 3], typed) == order


def test_ten_quick_presses_lose_nobody(client):
    preference_list, mentors = a_list(10)
    stale = {"version": "", "open_to_rest": "on"}  # as a page sends that has not heard of the others

    for pk in mentors:
        press(client, preference_list, add=pk, **stale)

    assert drafted(preference_list)["order"] == mentors


def test_a_list_that_was_changed_in_another_window_is_looked_at_before_it_is_handed_in(client):
    preference_list, (a, b, c, d) = a_list()
    here = {"order": [a, b, c], "version": f"{a}-{b}-{c}", "open_to_rest": "on"}
    press(client, preference_list, order=[a, b, c], version="")
    press(client, preference_list, add=d)

    refused = press(client, preference_list, **here, hand_in="on")

    assert refused.status_code == 409
    assert "Your list was changed in another window, so it was not handed in." in refused.content.decode()
    assert refused.context["ranking"].order == [a, b, c, d]
    assert PreferenceList.objects.get(pk=preference_list.pk).status == "open"


# --- Why, for whom, and if none of these ------------------------------------------------------------------------------------


def test_why_goes_to_staff_and_to_the_mentor_only_if_the_mentee_says_so(client):
    preference_list, (a, b, c, _d) = a_list()
    said = {f"why_{a}": "Her clinic.", f"tell_{a}": "on", f"why_{b}": "His paper.", "open_to_rest": "on"}
    assert press(client, preference_list, order=[a, b, c], version="", hand_in="on", **said).status_code == 302

    for pk, reads in ((a, "Her clinic."), (b, "")):
        pairing = factories.pairing(
            mentee=preference_list.application, mentor=MentorInterest.objects.get(pk=pk), in_status="proposed"
        )
        client.force_login(pairing.mentor)
        page = client.get(pairing.get_absolute_url()).content.decode()
        assert ("Why they would like you as a mentor" in page) == bool(reads)
        assert reads in page
        assert "His paper." not in page
        pairing.withdraw(by=factories.staff(), why="To try the other.")


def test_who_wants_only_those_on_the_list_gets_nobody_else_suggested():
    preference_list, (a, b, c, _d) = a_list()
    hand_in(preference_list, [c, a, b], open_to_rest=False)
    closed = cycle_market(preference_list.cycle)
    hand_in(preference_list, [c, a, b])

    assert {closed.mentors[j].id for j in closed.market.mentor} == {a, b, c}
    assert len(cycle_market(preference_list.cycle).market.mentor) == 4


def test_the_receipt_tells_number_time_and_order_and_the_mail_leaves_the_order_out(client):
    preference_list, (a, b, c, _d) = a_list()
    onward = press(client, preference_list, order=[c, a, b], version="", hand_in="on", open_to_rest="on").url
    preference_list = PreferenceList.objects.get()

    page = client.get(onward).content.decode()
    mail = OutgoingEmail.objects.get(kind="PreferencesReceived")

    number = f"{preference_list.application_id:06d}-P1"
    assert all(each in page for each in (number, preference_list.submitted_words))
    assert page.index("Mentor 2") < page.index("Mentor 0") < page.index("Mentor 1")
    assert (number in mail.text, onward in mail.text, "Mentor 2" in mail.text) == (True, True, False)


# --- Finding and comparing ------------------------------------------------------------------------------------------------


def test_filters_say_how_many_each_choice_leaves_and_never_use_what_is_not_shown(client):
    made, manager = factories.cycle(), factories.staff()
    facts = [("Sarcoma", ["English", "Spanish"]), ("Sarcoma", ["English"]), ("Lymphoma", ["English", "Spanish"])]
    for specialty, languages in facts:
        factories.interest(made, specialty=specialty, languages=languages, manager=manager)
    factories.interest(made, specialty="Sarcoma", languages=["Spanish"], shown=["topics"], manager=manager)
    own = factories.application(made, in_status="accepted", manager=manager).preference_list
    client.force_login(own.application.applicant)

    page = client.get(own.get_absolute_url(), {"specialty": "Sarcoma"})

    by_name = {facet.name: {value: left for value, _told, left in facet.options} for facet in page.context["facets"]}
    assert len(page.context["others"]) == 2
    assert by_name["specialty"] == {"Lymphoma": 1, "Sarcoma": 2}
    assert by_name["language"] == {"English": 2, "Spanish": 1}
    assert len(client.get(own.get_absolute_url(), {"words": "sarcoma"}).context["others"]) == 2


def test_up_to_four_of_those_one_may_have_stand_side_by_side(client):
    preference_list, mentors = a_list(5)
    hidden = factories.interest(preference_list.cycle, in_status="paused")
    client.force_login(preference_list.application.applicant)

    page = client.get(f"{preference_list.get_absolute_url()}compare/", {"mentor": [hidden.pk, *mentors, "x"]})

    assert [mentor.pk for mentor, _on_list in page.context["mentors"]] == mentors[:4]
    assert "1 more is left out" in page.content.decode()
