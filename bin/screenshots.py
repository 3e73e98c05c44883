"""Pictures of the main pages for the README, taken from a running demo: `make run`, then `make screenshots`.

make screenshots SITE=http://127.0.0.1:8000
"""

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
SITE = os.environ.get("SITE", "http://127.0.0.1:8000")
PASSWORD = "maple-harbor-lantern"
DESKTOP, TALL, PHONE = ({"width": w, "height": h} for w, h in [(1280, 860), (1280, 1200), (390, 760)])
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]

# (file, who is signed in, size, dark, how to get there: an address, then what to press, links or buttons by their text, or
# what to scroll to, as "#id")
PAGES = [
    ("program", None, DESKTOP, False, ["/programs/vmp/"]),
    ("check", None, PHONE, False, ["/programs/vmp/eligibility/"]),
    ("home", "mentee@example.org", PHONE, False, ["/home/"]),
    ("application", "applicant@example.org", PHONE, False, ["/home/", "Go on with your application"]),
    (
        "rank",
        "mentee@example.org",
        PHONE,
        True,
        ["/home/", "Rank mentors", "Add to my list", "Add to my list", "#chosen"],
    ),
    ("answer", "mentor@example.org", PHONE, False, ["/home/", "See and answer", "#answering"]),
    ("staff", "manager@example.org", DESKTOP, False, ["/admin/"]),
    (
        "workbench",
        "manager@example.org",
        TALL,
        False,
        ["/admin/matching/pairing/workbench/", "Diversity Mentoring Program", "Suggest"],
    ),
]


def main():
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        for name, who, size, dark, (address, *steps) in PAGES:
            context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light")
            page = context.new_page()
            if who:
                sign_in(page, who)
            page.goto(SITE + address)
            for step in steps:
                go(page, step)
            # The workbench looks again by itself until a suggestion is there, and then whether it is up to date.
            page.get_by_role("heading", name="A suggestion is being computed").wait_for(state="detached")
            page.get_by_role("link", name="Has anything changed since?").wait_for(state="detached")
            page.screenshot(path=FOLDER / f"{name}.png")
            print(f"{name}.png: {page.title()}")
            context.close()
        browser.close()


def go(page, step):
    """Press what has this text, or scroll to what has this id."""
    if step.startswith("#"):
        page.locator(step).evaluate("each => each.scrollIntoView()")
        return
    main = page.get_by_role("main")
    main.get_by_role("link", name=step).or_(main.get_by_role("button", name=step)).first.click()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)  # what a script puts in its place


def sign_in(page, email):
    page.goto(f"{SITE}/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "login" not in url)


if __name__ == "__main__":
    main()
