"""The workbench: what stands, how it is found, and that one screen carries a whole cycle."""

import re
from copy import deepcopy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.models import Place
from matching.models import Pairing, SuggestionRun
from matching.workbench.board import picture
from matching.workbench.filters import COLUMNS, MENTEES_ON_A_PAGE, view_of
from tests import factories
from tests.matching.crowd import hall
from tests.matching.scene import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture
def full(one_of_each_outcome):
    return deepcopy(one_of_each_outcome)


@pytest.fixture(scope="module")
def one_of_each_outcome(shared_rows):
    """Seven mentees, one for each outcome, and mentors with one place each but for Ada, who has three."""
    scene = Scene()
    ada, bea = scene.mentor("Ada", places=3), scene.mentor("Bea", topics=["Leadership"])
    cleo, dora, eve = scene.mentor("Cleo"), scene.mentor("Dora"), scene.mentor("Eve")
    larkmoor = factories.institution("Larkmoor Clinic")
    scene.mentor("Fay", at=larkmoor)
    leading = {"answers": {"goals": "To lead.", "topics": ["Leadership"]}}
    scene.pair(scene.mentee("Una", ada, bea, **leading), ada)
    scene.pair(scene.mentee("Val", bea, ada, at=larkmoor), ada, "proposed")
    scene.pair(scene.mentee("Wim", bea, cleo, ada), ada, "confirmed")
    scene.pair(scene.mentee("Xan", ada, bea, cleo, dora), dora, "final")
    scene.pair(scene.mentee("Yve", ada, bea), eve)
    scene.pair(scene.mentee("Zoe"), cleo)
    scene.mentee("Tom", ada)
    Pairing.objects.filter(mentee__name="Yve").update(by_hand=False)
    return scene


def names(rows):
    return [each.name for each in rows]


def test_the_picture_counts_each_mentee_once(full):
    parts = picture(full.board().mentees)

    assert {part["name"]: part["value"] for part in parts} == {
        "first": 1, "second": 1, "third": 1, "lower": 1, "any": 1, "off": 1, "none": 1,
    }  # fmt: skip
    assert parts[-1]["start"] + parts[-1]["share"] == pytest.approx(100, abs=0.05)


def test_a_cycle_without_mentees_has_an_empty_picture(scene):
    assert {part["value"] for part in picture(scene.board().mentees)} == {0}


def test_the_board_knows_places_and_who_wants_them(full):
    board = full.board()
    ada, fay = board.mentor(board.mentors[0].id), board.mentors[-1]

    assert (ada.name, ada.places, ada.taken, ada.free, ada.wanted, ada.first_choices) == ("Ada", 3, 3, 0, 6, 4)
    assert (fay.name, fay.is_unused, fay.wanted) == ("Fay", True, 0)
    assert (board.places, len(board.drafts), len(board.waiting), len(board.settled)) == (8, 3, 2, 1)
    assert (board.handed_in, board.without_list) == (6, 1)


MENTEES = [
        ({}, ["Tom", "Una", "Val", "Wim", "Xan", "Yve", "Zoe"]),
        ({"got": "none"}, ["Tom"]),
        ({"got": "off"}, ["Yve"]),
        ({"got": "any"}, ["Zoe"]),
        ({"got": "first"}, ["Una"]),
        ({"got": "lower"}, ["Xan"]),
        ({"state": "waits"}, ["Val", "Wim"]),
        ({"state": "draft"}, ["Una", "Yve", "Zoe"]),
        ({"state": "hand"}, ["Una", "Zoe"]),
        ({"state": "settled"}, ["Xan"]),
        ({"state": "nolist"}, ["Zoe"]),
        ({"topic": "Leadership"}, ["Una"]),
        ({"at": "clinic LARK"}, ["Val"]),
        ({"q": "xAn"}, ["Xan"]),
        ({"q": "Ada"}, ["Una", "Val", "Wim"]),
        ({"q": "Ada", "state": "draft"}, ["Una"]),
        ({"q": "nobody of this name"}, []),
        ({"sort": "-name"}, ["Zoe", "Yve", "Xan", "Wim", "Val", "Una", "Tom"]),
        ({"sort": "choice"}, ["Tom", "Yve", "Xan", "Wim", "Val", "Una", "Zoe"]),
        ({"sort": "at", "got": "none"}, ["Tom"]),
        ({"sort": "at", "state": "waits"}, ["Wim", "Val"]),
        ({"sort": "-at", "state": "waits"}, ["Val", "Wim"]),
        ({"sort": "-topic"}, ["Una", "Zoe", "Yve", "Xan", "Wim", "Val", "Tom"]),
        ({"sort": "sideways", "got": "all", "state": "\0", "page": "99"},
         ["Tom", "Una", "Val", "Wim", "Xan", "Yve", "Zoe"]),
]  # fmt: skip
MENTORS = [
    ({}, ["Ada", "Bea", "Cleo", "Dora", "Eve", "Fay"]),
    ({"mentors": "unused"}, ["Bea", "Fay"]),
    ({"mentors": "sought"}, ["Ada", "Bea", "Cleo"]),
    ({"mentors": "full"}, ["Ada", "Cleo", "Dora", "Eve"]),
    ({"mentors": "free", "msort": "-name"}, ["Fay", "Bea"]),
    ({"mentors": "paused"}, []),
    ({"mq": "BEA"}, ["Bea"]),
    ({"mtopic": "Leadership"}, ["Bea"]),
    ({"mtopic": "Leadership", "mentors": "full"}, []),
    ({"mat": "clinic lark"}, ["Fay"]),
    ({"msort": "topic"}, ["Bea", "Ada", "Cleo", "Dora", "Eve", "Fay"]),
    ({"msort": "free"}, ["Bea", "Fay", "Ada", "Cleo", "Dora", "Eve"]),
]


def test_a_view_finds_whom_it_asks_for(full):
    board = full.board()
    for asked, found in MENTEES:
        assert (asked, names(view_of(board, asked).page)) == (asked, found)
    for asked, found in MENTORS:
        assert (asked, names(view_of(board, asked).mentor_page)) == (asked, found)


def test_every_view_is_an_address(full):
    page = full.client().get(full.address("matching_workbench", full.cycle.pk), {"got": "off", "mentors": "unused"})

    text = page.content.decode()
    assert "1 of 7 mentees" in text
    assert 'aria-label="Propose' not in text
    assert re.findall(r'name="mentors" value="(\w+)"', text) == ["unused"]  # kept while mentees are looked for
    assert re.findall(r'name="got" value="(\w+)"', text) == ["off"]


def test_rows_say_topics_where_those_are_asked_for(full):
    client, address = full.client(), full.address("matching_workbench", full.cycle.pk)

    def told(**asked):
        text = client.get(address, asked).content.decode()
        return "Asks for Leadership" in text, "Offers Leadership" in text

    assert told() == (False, False)
    assert told(sort="-topic", mtopic="Leadership") == (True, True)


def test_more_of_one_mentee_is_a_row_for_the_page_and_a_page_of_its_own(full):
    yve = full.board().mentees[5]
    address = full.address("matching_bench_mentee", full.cycle.pk, yve.id)

    part = full.client().get(address, headers={"HX-Request": "true"}).content.decode()
    whole = full.client().get(address).content.decode()

    assert part.lstrip().startswith('<tr class="bench-more">')
    assert "<h1" in whole
    for told in ("1. Ada", "3 of 3 places taken", "Val (second choice)", "Why Eve"):
        assert told in part
        assert told in whole


def test_more_of_one_mentor_says_who_wants_them(full):
    address = full.address("matching_bench_mentor", full.cycle.pk, full.board().mentors[0].id)

    text = " ".join(full.client().get(address).content.decode().split())

    assert "3 of 3 places taken" in text
    assert "1. Yve: has Eve, not on their list" in text
    assert "1. Tom: nobody yet" in text


def test_two_of_one_name_may_want_the_same_mentor(scene):
    ada = scene.mentor("Ada")
    scene.mentee("Xan", ada)
    scene.mentee("Xan", ada)
    address = scene.address("matching_bench_mentor", scene.cycle.pk, ada.pk)

    assert scene.client().get(address).content.decode().count("1. Xan") == 2


def test_who_is_not_of_the_cycle_is_not_there(scene):
    other, client = factories.cycle("dmp"), scene.client()
    found = {"matching_bench_mentee": scene.mentee("Xan").pk, "matching_bench_mentor": scene.mentor("Ada").pk}
    for name, pk in found.items():
        assert client.get(scene.address(name, scene.cycle.pk, pk)).status_code == 200
        assert client.get(scene.address(name, other.pk, pk)).status_code == 404
        assert client.get(scene.address(name, scene.cycle.pk, 10**12)).status_code == 404


def test_whether_the_suggestion_is_up_to_date_is_asked_for_by_itself(scene):
    ada = scene.mentor("Ada")
    scene.mentee("Xan", ada)
    address = scene.address("matching_stale", scene.cycle.pk)

    def told():
        return scene.client().get(address, headers={"HX-Request": "true"}).content.decode()

    assert "no suggestion yet" in told()
    scene.solve()
    assert "has changed since." in told()
    assert "Suggest again" not in told()
    ada.set_capacity(2, by=scene.manager)
    assert "Suggest again" in told()


# --- Some drafts, not all --------------------------------------------------------------------------------------------


def test_only_the_ticked_drafts_are_shown_and_proposed(full):
    una, yve, zoe = Pairing.objects.filter(status="drafted").order_by("mentee__name")
    client, address = full.client(), full.address("matching_propose", full.cycle.pk)

    shown = client.get(address, {"draft": [una.pk, zoe.pk]})
    assert [draft.pk for draft in shown.context["drafts"]] == [una.pk, zoe.pk]
    assert "1 other draft stays as it is" in shown.content.decode()
    client.post(address, {"seen": shown.context["seen"], "draft": [una.pk, zoe.pk]})

    assert set(Pairing.objects.filter(pk__in=[una.pk, zoe.pk]).values_list("status", flat=True)) == {"proposed"}
    assert Pairing.objects.get(pk=yve.pk).status == "drafted"


def test_ticked_drafts_that_changed_since_are_not_proposed(full):
    una, _yve, zoe = Pairing.objects.filter(status="drafted").order_by("mentee__name")
    client, address = full.client(), full.address("matching_propose", full.cycle.pk)
    seen = client.get(address, {"draft": [una.pk, zoe.pk]}).context["seen"]
    zoe.discard(by=full.manager)

    client.post(address, {"seen": seen, "draft": [una.pk, zoe.pk]})

    assert Pairing.objects.get(pk=una.pk).status == "drafted"


def test_all_drafts_of_a_view_are_proposed_and_no_others(full):
    client, address = full.client(), full.address("matching_propose", full.cycle.pk) + "?got=off"
    bench = client.get(full.address("matching_workbench", full.cycle.pk), {"got": "off"}).content.decode()
    assert f'href="{address}">Propose those drafted here: 1' in bench

    shown = client.get(address)
    assert [draft.mentee.name for draft in shown.context["drafts"]] == ["Yve"]
    assert "2 other drafts stay as they are" in shown.content.decode()
    client.post(address, {"seen": shown.context["seen"]})

    assert list(Pairing.objects.filter(status="drafted").values_list("mentee__name", flat=True)) == ["Una", "Zoe"]


def test_a_view_without_drafts_proposes_nothing(full):
    client, address = full.client(), full.address("matching_propose", full.cycle.pk) + "?got=none"

    assert client.get(address).context["drafts"] == []
    client.post(address, {"seen": ""})

    assert Pairing.objects.filter(status="drafted").count() == 3


# --- The way back ----------------------------------------------------------------------------------------------------


def test_what_is_done_about_a_mentee_leads_back_to_their_row_in_the_view_that_was_left(full):
    bench, client = full.address("matching_workbench", full.cycle.pk), full.client()
    yve = Pairing.objects.get(mentee__name="Yve")
    pair = {"application": yve.application_id, "interest": yve.interest_id}
    client.get(bench, {"got": "off", "sort": "-name"})

    pinned = client.post(full.address("matching_hold", full.cycle.pk), {**pair, "kind": "pin", "reason": "They met."})
    refused = client.post(full.address("matching_hold", full.cycle.pk), {**pair, "kind": "pin", "reason": ""})

    assert pinned.url == f"{bench}?got=off&sort=-name#mentee-{yve.application_id}"
    assert refused.url == f"{bench}?got=off&sort=-name"  # what was refused is said at the top
    assert f'id="mentee-{yve.application_id}"' in client.get(pinned.url).content.decode()
    client.get(bench)
    assert client.post(full.address("matching_hold", full.cycle.pk), {}).url == bench


# --- A whole cycle on one screen -------------------------------------------------------------------------------------


def drafted(applications, interests, manager):
    """A run, and a draft for as many as there are mentors."""
    figures = {"matched": 300, "on_list": 0, "by_rank": [], "off_list": 300, "unmatched": 100}
    run = {"cycle": applications[0].cycle, "policy": "on_list_first", "digest": "", "figures": figures}
    SuggestionRun.objects.create(computed_by=manager, status="done", finished_at=timezone.now(), **run)
    place_of = {place.interest_id: place for place in Place.objects.filter(number=1)}
    rows = [
        Pairing(
            cycle=each.cycle, application=each, interest=interest, place=place_of[interest.pk],
            mentee=each.applicant, mentor=interest.mentor,
        )
        for each, interest in zip(applications, interests, strict=False)
    ]  # fmt: skip
    Pairing.objects.bulk_create(rows, batch_size=50)


QUERIES, FIRST_VIEW, ALL_AT_ONCE = 11, 300_000, 500_000


@pytest.fixture
def whole_cycle():
    """(client, address) of the workbench of 400 mentees and 300 mentors."""
    cycle, manager = factories.cycle(), factories.staff()
    drafted(*hall(cycle, manager), manager)
    with connection.cursor() as cursor:
        # Statistics taken by the server while nothing of this was committed would say that the tables are empty.
        cursor.execute("ANALYZE")
    scene = Scene.__new__(Scene)
    client = scene.client(manager)
    return client, scene.address("matching_workbench", cycle.pk)


def test_400_mentees_and_300_mentors_are_seen_in_pages_or_all_at_once_quickly(whole_cycle):
    client, address = whole_cycle
    for asked, shown, limit in (("", (100, 50), FIRST_VIEW), ("?rows=all&mrows=all", (400, 300), ALL_AT_ONCE)):
        client.get(address + asked)  # what is kept between requests
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address + asked)
        text = page.content.decode()

        assert (text.count('<tr id="mentee-'), text.count('<tr id="mentor-')) == shown
        assert len(page.content) < limit
        assert len(queries) == QUERIES


def test_all_rows_stay_when_they_are_sorted_or_filtered_and_come_in_pages_again(whole_cycle):
    client, address = whole_cycle
    text = client.get(address).content.decode()
    assert text.count("Show all 400") == 2
    view = client.get(address + "?rows=all&mentors=free").context["view"]

    assert {head["name"]: "rows=all" in head["url"] for head in view.heads} == dict.fromkeys(COLUMNS, True)
    assert view.kept_for_mentees == [("rows", "all"), ("mentors", "free")]
    assert len(client.get(f"{address}?{view.in_pages}").context["view"].page) == MENTEES_ON_A_PAGE
