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
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 760}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]

# (file, who is signed in, size, dark, how to get there: an address, then what to press, links or buttons by their text)
PAGES = [
    ("program", None, DESKTOP, False, ["/programs/vmp/"]),
    ("check", None, PHONE, False, ["/programs/vmp/eligibility/"]),
    ("home", "mentee@example.org", PHONE, False, ["/home/"]),
    ("application", "applicant@example.org", PHONE, False, ["/home/", "Go on with your application"]),
    ("rank", "mentee@example.org", PHONE, True, ["/home/", "Rank mentors"]),
    ("answer", "mentor@example.org", PHONE, False, ["/home/", "See and answer"]),
    ("staff", "manager@example.org", DESKTOP, False, ["/admin/"]),
    (
        "workbench",
        "manager@example.org",
        DESKTOP,
        False,
        ["/admin/matching/pairing/workbench/", "Diversity Mentoring Program", "Suggest"],
    ),
]


def main():
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        for name, who, size, dark, (address, *links) in PAGES:
            context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light")
            page = context.new_page()
            if who:
                sign_in(page, who)
            page.goto(SITE + address)
            for text in links:
                main = page.get_by_role("main")
                main.get_by_role("link", name=text).or_(main.get_by_role("button", name=text)).first.click()
                page.wait_for_load_state("networkidle")
            # The workbench looks again by itself until a suggestion is there.
            page.get_by_role("heading", name="A suggestion is being computed").wait_for(state="detached")
            page.screenshot(path=FOLDER / f"{name}.png")
            print(f"{name}.png: {page.title()}")
            context.close()
        browser.close()


def sign_in(page, email):
    page.goto(f"{SITE}/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "login" not in url)


if __name__ == "__main__":
    main()
