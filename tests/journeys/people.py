"""People with a browser, and their mailbox."""

import re
from hashlib import sha256
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import resolve
from playwright.sync_api import Page, expect

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# The narrowest screen, and what is left of a desk's when it is zoomed to 200%.
NARROW, ZOOMED = {"width": 320, "height": 640}, {"width": 640, "height": 450}
LETTERS = "size => { document.documentElement.style.fontSize = size }"
AXE = Axe().axe_script
VIOLATIONS = "options => axe.run(options).then(told => told.violations)"  # what passed would take longer to bring here
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Axe would write the style sheets that others import into the page, which the content security policy refuses.
IN_FULL = {"preload": False, "resultTypes": ["violations"], "runOnly": {"type": "tag", "values": WCAG}}
CONTRAST = {"preload": False, "resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
# What moves is brought to where it ends. Ending a move may begin another, such as that of a color that is inherited.
SETTLED = """() => {
    for (let round = 0; round < 60; round += 1) {
        const moving = document.getAnimations().filter(each => each.playState === "running");
        if (!moving.length) return;
        moving.forEach(each => each.finish());
    }
}"""
# What stands on paper though nobody can press it there, and what can be read on the screen but not on paper.
ON_PAPER = """() => {
    const seen = each => each.checkVisibility() && each.offsetWidth > 1 && !each.closest(".visually-hidden");
    const told = (what, all) => [...all].map(each => `${what}: ${each.outerHTML.slice(0, 120)}`);
    const all = selector => [...document.querySelectorAll(selector)].filter(seen);
    const folded = each => ![...each.children].slice(1).every(part => part.checkVisibility() || part.matches(".form-actions"));
    const cut = each => getComputedStyle(each).overflowY !== "visible" && each.scrollHeight > each.clientHeight + 2;
    return [
        ...told("printed", all("nav, button, .btn, .skip-link, .site-header, .site-footer, .demo-banner, [data-autosave-status]")),
        ...told("folded away", all("details.disclosure").filter(folded)),
        ...told("cut off", all("main :not(select, input)").filter(cut)),
    ];
}"""
# An answer such as 422 is logged by the browser as a failed load; what the page says of it is asserted by the test.
ANSWERS = re.compile(r"Failed to load resource: the server responded with a status of (401|403|404|409|422)\b")
PASSWORD = "walnut-ferry-almanac"


def named(name, exact=False):
    """The accessible name of a link or a button: what stands there for listeners alone is set off by a space."""
    words = re.escape(name).replace(":", r"\s*:")
    return re.compile(rf"^\s*{words}\s*$" if exact else words)


class Seen:
    """What was checked before, kept in a folder so that processes side by side know it of each other."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def first(self, key):
        """Whether nobody has seen this yet; from now on somebody has."""
        try:
            (self.folder / sha256(repr(key).encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


class Somebody:
    """One person at one browser. Every page they come to is looked at: no errors, no violations, nothing cut off.

    ``seen`` knows what was checked with axe before, by any person of the run, so that each page is checked once.
    """

    def __init__(self, browser, site, seen, *, size=DESK, script=True):
        self.site, self.seen, self.size, self.script = site, seen, size, script
        self.context = browser.new_context(
            base_url=site, viewport=size, java_script_enabled=script, reduced_motion="reduce", locale="en-US"
        )
        self.context.set_default_timeout(15_000)
        expect.set_options(timeout=15_000)
        self.troubles = []
        self.page: Page = self.tab()

    def tab(self):
        """Another tab of the same browser."""
        page = self.context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on(
            "response", lambda answer: answer.status >= 500 and self.troubles.append(f"{answer.status} {answer.url}")
        )
        return page

    def _listen(self, message):
        if message.type == "error" and not ANSWERS.search(message.text):
            self.troubles.append(f"{message.location.get('url')}: {message.text}")

    # --- What they do ------------------------------------------------------------------------------------------------

    def visit(self, address):
        self.page.goto(address)
        return self.look()

    def follow(self, name, **options):
        self.page.get_by_role("link", name=named(name, **options)).first.click()
        return self.look()

    def press(self, name, **options):
        self.page.get_by_role("button", name=named(name, **options)).first.click()
        return self.look()

    def fill(self, label, text):
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, question, *answers):
        """Tick the answers under a question."""
        group = self.page.get_by_role("group", name=question)
        for answer in answers:
            group.get_by_label(answer, exact=True).check()

    def hands_in(self):
        """Confirm everything that handing in commits to, and press."""
        for box in self.page.locator("input[name^=confirm_]").all():
            box.check()
        return self.press("Hand in my application")

    def reads(self, *sentences):
        """They see each of these on the page."""
        for sentence in sentences:
            expect(self.page.locator("body")).to_contain_text(sentence)

    def does_not_read(self, *sentences):
        for sentence in sentences:
            expect(self.page.locator("body")).not_to_contain_text(sentence)

    def has_chosen(self, question, answer):
        expect(self.page.get_by_role("group", name=question).get_by_label(answer, exact=True)).to_be_checked()

    # --- Accounts ----------------------------------------------------------------------------------------------------

    def signs_up(self, name, email, mailbox):
        """From a page that asks for an account: a new one, and the link in the mail that proves the address."""
        self.page.locator("main").get_by_role("link", name=re.compile("Create (an )?account")).click()
        self.look()
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("Email", exact=False).first.fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_label("Password (again)").fill(PASSWORD)
        self.press("Create account")
        self.reads("Check your email")
        self.visit(mailbox.link(email, "confirm"))
        self.reads(f"Is {email} your address?")
        self.press("Yes, confirm it")

    def signs_in(self, email, password=PASSWORD):
        self.page.get_by_label("Email", exact=False).first.fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.press("Sign in", exact=True)

    def is_signed_in_as(self, user):
        """Without the form: for what begins long after signing in."""
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.site}])
        return self

    # --- What holds on every page -------------------------------------------------------------------------------------

    def look(self, state=""):
        """Check the page that is open. ``state`` tells two states of one address apart."""
        self.page.wait_for_load_state("load")
        assert self.troubles == []
        if self.script:
            self._look_closely(state)
        return self

    def _look_closely(self, state):
        place = urlsplit(self.page.url).path
        key = (resolve(place).view_name or place, self.page.locator("h1").first.inner_text(), state)
        if not self.seen.first(key):
            return
        for size in (PHONE, DESK):
            self.page.set_viewport_size(size)
            self._has_no_violation(IN_FULL, f"{size['width']} px")
            self._fits(f"a screen of {size['width']} px")
        if not place.startswith("/admin/"):
            self._can_be_enlarged_and_printed(place)
        self.page.emulate_media(color_scheme="dark")
        self._has_no_violation(CONTRAST, "dark")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(self.size)

    def _fits(self, what):
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px wider than {what}"

    def _can_be_enlarged_and_printed(self, place):
        for size, what in ((NARROW, "a screen of 320 px"), (ZOOMED, "a window at 200%")):
            self.page.set_viewport_size(size)
            self._fits(what)
        self.page.set_viewport_size(DESK)
        self.page.evaluate(LETTERS, "200%")
        self._fits("a window with letters twice as large")
        self.page.evaluate(LETTERS, "")
        self.page.emulate_media(media="print")
        wrong = self.page.evaluate(ON_PAPER)
        self.page.emulate_media(media="screen")
        assert not wrong, f"{place} on paper: " + "; ".join(wrong)

    def _has_no_violation(self, options, what):
        # A color that is on its way to another is nobody's to read.
        self.page.evaluate(SETTLED)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found = self.page.evaluate(VIOLATIONS, options)
        told = [
            f"{each['id']}: {node['html'][:300]} {node['failureSummary']}" for each in found for node in each["nodes"]
        ]
        assert not told, f"{self.page.url} ({what}): " + "; ".join(told)


class Mailbox:
    """What the mail server took, read as its people would. ``deliver`` sends what is due first."""

    def __init__(self, sink, site, deliver):
        self.sink, self.site, self.deliver = sink, site, deliver

    def to(self, email):
        self.deliver()
        return [message for message in self.sink.messages if email in message["To"]]

    def last(self, email, subject):
        """The text of the last mail to a person whose subject has these words."""
        found = [message for message in self.to(email) if subject.casefold() in message["Subject"].casefold()]
        assert found, f"No mail “{subject}” to {email}; only {[each['Subject'] for each in self.to(email)]}"
        return " ".join(found[-1].get_body(("plain",)).get_content().split())

    def link(self, email, subject):
        """The address in that mail that leads into the portal."""
        links = re.findall(rf"{re.escape(self.site)}/\S+", self.last(email, subject))
        assert links, self.last(email, subject)
        return links[0]
