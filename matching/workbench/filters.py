"""Which rows of the workbench are shown, in which order: read from the address, so that a view can be bookmarked."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator

from matching.workbench.board import OUTCOMES, by_name

MENTEES_ON_A_PAGE, MENTORS_ON_A_PAGE = 100, 50

GOT = {name: (label, lambda mentee, name=name: mentee.outcome == name) for name, label, _tone in OUTCOMES}
STATES = {
    "draft": ("Drafted", lambda mentee: mentee.is_draft),
    "hand": ("Changed by hand", lambda mentee: mentee.is_draft and mentee.by_hand),
    "held": ("Pinned, or somebody ruled out", lambda mentee: mentee.pins or mentee.bans),
    "noted": ("With a note", lambda mentee: mentee.notes),
    "waits": ("Waits for an answer", lambda mentee: mentee.waits),
    "settled": ("Final or under way", lambda mentee: mentee.status in ("final", "active")),
    "nolist": ("No list handed in", lambda mentee: not mentee.has_list),
}
MENTORS = {
    "free": ("With a free place", lambda mentor: mentor.free > 0),
    "unused": ("Nobody with them yet", lambda mentor: mentor.is_unused),
    "sought": ("Wanted by more than they have places for", lambda mentor: mentor.is_sought),
    "full": ("All places taken", lambda mentor: mentor.takes_part and mentor.places and not mentor.free),
    "paused": ("Not taking new mentees", lambda mentor: not mentor.takes_part),
}


def by_words(words, row):
    """By what a row has of something, in words, and then by name; who has nothing of it comes last, or turned around first."""
    return not words, [each.casefold() for each in words], *by_name(row)


# How poor an outcome is: the worst first when sorted by choice.
POOR = {"none": 0, "off": 1, "any": 10_000}
# The columns, by which their heads sort, and below them what has no column of its own.
COLUMNS = {
    "name": ("Mentee", by_name),
    "list": ("Their list", lambda mentee: (len(mentee.choices), *by_name(mentee))),
    "choice": ("Got", lambda mentee: (POOR.get(mentee.outcome, 1000 - mentee.rank), *by_name(mentee))),
    "mentor": ("Mentor", lambda mentee: (by_name(mentee.mentor) if mentee.mentor else ("", 0), *by_name(mentee))),
}
SORTS = COLUMNS | {
    "at": ("Institution", lambda mentee: by_words(mentee.homes, mentee)),
    "topic": ("What they ask for", lambda mentee: by_words(mentee.topics, mentee)),
}
MENTOR_COLUMNS = {
    "name": ("Mentor", by_name),
    "wanted": ("Wanted", lambda mentor: (-mentor.wanted, -mentor.first_choices, *by_name(mentor))),
    "free": ("Places", lambda mentor: (-mentor.free, *by_name(mentor))),
}
MENTOR_SORTS = MENTOR_COLUMNS | {
    "at": ("Institution", lambda mentor: by_words(mentor.homes, mentor)),
    "topic": ("What they offer", lambda mentor: by_words(mentor.topics, mentor)),
}
LONGEST = 100
ALL = "all"
FILTERS = ("q", "got", "state", "topic", "at")


@dataclass
class View:
    """One view of the board: the words of the filters as they were asked for, and the rows."""

    asked: dict[str, str]
    mentees: list  # all that the filters let through, in order
    mentors: list
    page: object
    mentor_page: object

    @property
    def is_filtered(self):
        return any(self.asked[name] for name in FILTERS)

    @property
    def is_filtered_for_mentors(self):
        return any(self.asked[name] for name in MENTOR_FILTERS)

    @property
    def tells_topics(self):
        """Whether rows say what mentees ask for: where that is looked for or sorted by."""
        return bool(self.asked["topic"]) or self.asked["sort"].endswith("topic")

    @property
    def tells_offers(self):
        return bool(self.asked["mtopic"]) or self.asked["msort"].endswith("topic")

    @property
    def query(self):
        """What an address needs to ask for this view."""
        return self._query_with()

    @property
    def heads(self):
        return self._heads("sort", COLUMNS, "name")

    @property
    def mentor_heads(self):
        return self._heads("msort", MENTOR_COLUMNS, "wanted")

    @property
    def orders(self):
        return self._orders("sort", SORTS, "name")

    @property
    def mentor_orders(self):
        return self._orders("msort", MENTOR_SORTS, "wanted")

    def _orders(self, parameter, sorts, usual):
        """[(name, label, whether it is this)] of every order; the other way round only where it is asked for."""
        now = self.asked[parameter] or usual
        orders = [(name, label, name == now) for name, (label, _key) in sorts.items()]
        if now.startswith("-"):
            orders.append((now, f"{sorts[now[1:]][0]}, from the end", True))
        return orders

    def _heads(self, parameter, columns, usual):
        """[{name, label, url, order}] of the columns: a second press turns the order round."""
        now = self.asked[parameter] or usual
        heads = []
        for name, (label, _key) in columns.items():
            order = {name: "ascending", f"-{name}": "descending"}.get(now, "")
            heads.append(
                {"name": name, "label": label, "order": order,
                 "url": "?" + self._ordered(parameter, f"-{name}" if order == "ascending" else name)}
            )  # fmt: skip
        return heads

    def _ordered(self, parameter, order):
        """The query of this view in another order, from the first page."""
        return self._query_with(**{"page" if parameter == "sort" else "mpage": "", parameter: order})

    def _query_with(self, **others):
        return urlencode({name: value for name, value in {**self.asked, **others}.items() if value})

    def _pages(self, parameter, page):
        return [(number, self._query_with(**{parameter: number})) for number in page.paginator.page_range]

    @property
    def page_links(self):
        """[(number, query)] of the pages of mentees."""
        return self._pages("page", self.page)

    @property
    def mentor_page_links(self):
        return self._pages("mpage", self.mentor_page)

    @property
    def unfiltered(self):
        """The query of this view without what is asked of mentees."""
        return self._query_with(page="", **dict.fromkeys(FILTERS, ""))

    @property
    def mentors_unfiltered(self):
        return self._query_with(mpage="", **dict.fromkeys(MENTOR_FILTERS, ""))

    @property
    def with_all(self):
        """The query of this view with all of its mentees on one page."""
        return self._query_with(page="", rows=ALL)

    @property
    def in_pages(self):
        """The query of this view in pages, where it shows all mentees and they are more than a page has; else nothing."""
        is_long = self.asked["rows"] and len(self.mentees) > MENTEES_ON_A_PAGE
        return self._query_with(page="1", rows="") if is_long else ""

    @property
    def with_all_mentors(self):
        return self._query_with(mpage="", mrows=ALL)

    @property
    def mentors_in_pages(self):
        is_long = self.asked["mrows"] and len(self.mentors) > MENTORS_ON_A_PAGE
        return self._query_with(mpage="1", mrows="") if is_long else ""

    @property
    def page_has_drafts(self):
        return any(mentee.is_draft for mentee in self.page)

    @property
    def drafts(self):
        """The numbers of the drafted pairings of all its mentees."""
        return [mentee.pairing for mentee in self.mentees if mentee.is_draft]

    @property
    def kept_for_mentees(self):
        """What the form that filters mentees hands on: whether all are shown, and what is asked of mentors."""
        return self._kept("rows", *OF_MENTORS)

    @property
    def kept_for_mentors(self):
        return self._kept("mrows", *OF_MENTEES)

    def _kept(self, *names):
        return [(name, self.asked[name]) for name in names if self.asked[name]]


OF_MENTEES = [*FILTERS, "sort", "page", "rows"]
MENTOR_FILTERS = ("mq", "mentors", "mtopic", "mat")
OF_MENTORS = [*MENTOR_FILTERS, "msort", "mpage", "mrows"]
NAMES = OF_MENTEES + OF_MENTORS


def view_of(board, parameters):
    """The board as the parameters of an address ask for it. What is not known is left out."""
    asked = {name: parameters.get(name, "").strip()[:LONGEST] for name in NAMES}
    for name, known in (("got", GOT), ("state", STATES), ("mentors", MENTORS), ("rows", [ALL]), ("mrows", [ALL])):
        if asked[name] not in known:
            asked[name] = ""
    for name, known in (("sort", SORTS), ("msort", MENTOR_SORTS)):
        if asked[name].removeprefix("-") not in known:
            asked[name] = ""
    mentees = _sorted(_mentees(board.mentees, asked), SORTS, asked["sort"] or "name")
    mentors = _sorted(_mentors(board.mentors, asked), MENTOR_SORTS, asked["msort"] or "wanted")
    page = _paginator(mentees, MENTEES_ON_A_PAGE, asked["rows"]).get_page(asked["page"])
    mentor_page = _paginator(mentors, MENTORS_ON_A_PAGE, asked["mrows"]).get_page(asked["mpage"])
    return View(asked, mentees, mentors, page, mentor_page)


def _paginator(rows, on_a_page, asked):
    return Paginator(rows, max(len(rows), 1) if asked == ALL else on_a_page)


def _sorted(rows, sorts, order):
    name = order.removeprefix("-")
    return sorted(rows, key=sorts[name][1], reverse=order.startswith("-"))


def _mentees(rows, asked):
    if asked["q"]:
        rows = [each for each in rows if holds(asked["q"], each.name, each.mentor.name if each.mentor else "")]
    if asked["got"]:
        rows = [each for each in rows if GOT[asked["got"]][1](each)]
    if asked["state"]:
        rows = [each for each in rows if STATES[asked["state"]][1](each)]
    if asked["topic"]:
        rows = [each for each in rows if asked["topic"] in each.topics]
    if asked["at"]:
        rows = [each for each in rows if holds(asked["at"], *each.homes)]
    return rows


def _mentors(rows, asked):
    if asked["mq"]:
        rows = [each for each in rows if holds(asked["mq"], each.name)]
    if asked["mentors"]:
        rows = [each for each in rows if MENTORS[asked["mentors"]][1](each)]
    if asked["mtopic"]:
        rows = [each for each in rows if asked["mtopic"] in each.topics]
    if asked["mat"]:
        rows = [each for each in rows if holds(asked["mat"], *each.homes)]
    return rows


def holds(wanted, *texts):
    """Whether one of the texts has all the words that are looked for, in any order and case."""
    words = wanted.casefold().split()
    return any(all(word in text.casefold() for word in words) for text in texts)
