"""Windows that write in one draft, as the page's script does: what they saw, what they sent, what they heard of it."""

import json

from applications.merging import merge, token

FIELDS = ("goals", "why", "when")


class Lost(Exception):
    """A text was replaced by somebody who had never seen it, or it vanished."""


class Draft:
    """The server's side, in memory. ``merging`` decides what is written."""

    def __init__(self, merging=merge):
        self.kept, self.merging = {}, merging

    def load(self):
        return dict(self.kept)

    def save(self, typed, base, sent, chosen):
        seen = {key: [chosen.get(key, base[key]), *map(token, sent[key])] for key in typed}
        changed, disputed = self.merging(self.kept, typed, seen)
        self.kept |= changed
        return {key: self.kept.get(key, "") for key in typed}, set(disputed)


class PostedDraft:
    """The same over HTTP."""

    def __init__(self, client, application):
        self.client, self.application = client, application

    def load(self):
        self.application.refresh_from_db()
        return dict(self.application.answers)

    def save(self, typed, base, sent, chosen):
        data = {"fields": list(typed), **typed, "version": "-1"}
        for key in typed:
            data |= {f"base.{key}": base[key], f"sent.{key}": [json.dumps(each) for each in sent[key]]}
            if key in chosen:
                data |= {f"choice.{key}": "mine", f"other.{key}": chosen[key]}
        address = f"/applications/{self.application.pk}/answers/"
        reply = self.client.post(address, data, headers={"X-Requested-With": "autosave"}).json()
        return {key: reply["kept"][key][0] for key in typed}, set(reply["disputed"])


class Tab:
    """One window. ``eyes`` has every text that its person read or typed there, by field."""

    def __init__(self, draft):
        self.draft = draft
        self.saved = {key: draft.load().get(key, "") for key in FIELDS}
        self.text = dict(self.saved)
        self.base = {key: token(value) for key, value in self.saved.items()}
        self.sent = {key: [] for key in FIELDS}
        self.eyes = {key: {"", value} for key, value in self.saved.items()}
        self.given_up = set()

    def type(self, key, text):
        self.text[key] = text
        self.eyes[key].add(text)

    @property
    def dirty(self):
        return [key for key in FIELDS if self.text[key] != self.saved[key]]

    def save(self, *, arrives=True, heard=True, choose=lambda: "mine"):
        """Send what is dirty. It may not arrive, or arrive and the answer be lost."""
        chosen: dict[str, str] = {}
        while keys := self.dirty:
            typed = {key: self.text[key] for key in keys}
            base, sent = dict(self.base), {key: list(self.sent[key]) for key in keys}
            for key in keys:
                self.sent[key].append(self.text[key])
            if not arrives:
                return
            before = self.draft.load()
            kept, disputed = self.draft.save(typed, base, sent, chosen)
            self._nobody_is_overwritten_unseen(before)
            if not heard:
                return
            self._hear(kept, disputed, chosen, choose)
            if not disputed:
                return

    def _nobody_is_overwritten_unseen(self, before):
        after = self.draft.load()
        for key in FIELDS:
            was = before.get(key, "")
            if was != after.get(key, "") and was not in self.eyes[key]:
                raise Lost(f"“{was}” in {key} was replaced by somebody who had never seen it.")

    def _hear(self, kept, disputed, chosen, choose):
        for key, value in kept.items():
            name = token(value)
            if key not in disputed:
                self.saved[key], self.base[key], self.sent[key] = self.text[key], name, []
                continue
            self.eyes[key].add(value)  # both texts are shown
            if choose() == "mine":
                chosen[key] = name
            else:
                self.given_up.add(self.text[key])
                self.text[key] = value
            self.saved[key], self.base[key], self.sent[key] = value, name, []


def play(draft, random, steps=25):
    """Two windows, at random: type, save, lose a request or an answer, close and open anew. Raises Lost.

    Nobody replaces what they never saw (each save looks), and in the end every window's text was kept or given up.
    """
    tabs, number = [Tab(draft), Tab(draft)], 0
    ever_kept = {""}
    for _ in range(steps):
        tab = random.choice(tabs)
        act = random.choice(["type", "type", "type", "save", "save", "no request", "no answer", "reopen"])
        if act == "type":
            number += 1
            tab.type(random.choice(FIELDS), f"text {number}")
        elif act == "reopen" and not tab.dirty:
            tabs[tabs.index(tab)] = Tab(draft)
        else:
            tab.save(arrives=act != "no request", heard=act != "no answer",
                     choose=lambda: random.choice(["mine", "theirs"]))  # fmt: skip
        ever_kept |= {value for value in draft.load().values() if isinstance(value, str)}
    for tab in tabs:
        tab.save()
        ever_kept |= {value for value in draft.load().values() if isinstance(value, str)}
        if gone := set(tab.text.values()) - ever_kept - tab.given_up:
            raise Lost(f"{gone} vanished, and nobody was asked.")
