"""The embedded mail server keeps what it is sent, and /mail/ shows it to anyone, safely."""

import signal
import smtplib
import socket
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.urls import reverse

from mentoring.stack.process import kill_group, send, spawn, wait_for
from tests.stack.portal import within


@pytest.fixture
def mail_dir(tmp_path, settings):
    settings.MAIL_DIR = tmp_path / "mail"
    return settings.MAIL_DIR


@pytest.fixture
def smtp(mail_dir):
    """The port of a running mail server."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        argv = [sys.executable, "-m", "mentoring.stack.mailsink", listening.fileno(), mail_dir]
        process = spawn(argv, pass_fds=[listening.fileno()])
        yield listening.getsockname()[1]
        send(process, signal.SIGTERM)
        wait_for([process], 3)
        kill_group(process)


def message(to="ada@example.org", subject="Your application", text="Go on: http://localhost:8000/home/\n", html=""):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Mentoring Programs <mentoring@example.org>", to, subject
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def post(port, *mails):
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as connection:
        for mail in mails:
            connection.send_message(mail)


def keep(folder, number, mail):
    """Put a message where the mail server would, at that second since the epoch."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{number * 10**9:020}-0badcafe.eml"
    path.write_bytes(mail.as_bytes())
    return path.stem


def test_every_message_is_kept_whole_in_order_of_arrival(smtp, mail_dir):
    texts = [f"Message {number}\n.\nwith a dot alone on a line, and ü\n" for number in range(20)]
    post(smtp, *(message(text=text) for text in texts))
    kept = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(mail_dir.iterdir())]
    assert [mail.get_content().replace("\r\n", "\n") for mail in kept] == texts


def test_what_was_sent_can_be_read_without_signing_in(smtp, mail_dir, client):
    post(smtp, message(subject="Zusage für Ada"))
    assert within(2, lambda: list(mail_dir.glob("*.eml")))
    name = next(mail_dir.glob("*.eml")).stem
    assert "Zusage für Ada" in client.get(reverse("stack:mail_list")).content.decode()
    page = client.get(reverse("stack:mail_detail", args=[name])).content.decode()
    assert '<a href="http://localhost:8000/home/"' in page
    assert "ada@example.org" in page


def test_newest_first(mail_dir, client):
    for number, subject in enumerate(["Alder", "Birch", "Cedar"], 1_800_000_000):
        keep(mail_dir, number, message(subject=subject))
    page = client.get(reverse("stack:mail_list")).content.decode()
    assert page.index("Cedar") < page.index("Birch") < page.index("Alder")


def test_only_those_to_one_person(mail_dir, client):
    keep(mail_dir, 1, message(to="Ada <Ada@example.org>", subject="for ada"))
    keep(mail_dir, 2, message(to="grace@example.org", subject="for grace"))
    page = client.get(reverse("stack:mail_list"), {"to": "ADA@"}).content.decode()
    assert "for ada" in page
    assert "for grace" not in page


def test_what_a_mail_says_is_text_not_markup(mail_dir, client):
    name = keep(mail_dir, 1, message(subject="<script>alert(1)</script>", text="<script>alert(2)</script>\n"))
    for url in (reverse("stack:mail_list"), reverse("stack:mail_detail", args=[name])):
        assert b"<script>alert" not in client.get(url).content


def test_html_part_is_shown_without_any_rights(mail_dir, client):
    name = keep(mail_dir, 1, message(html="<p>Hello</p>"))
    url = reverse("stack:mail_html", args=[name])
    assert f'src="{url}"' in client.get(reverse("stack:mail_detail", args=[name])).content.decode()
    policy = client.get(url).headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize("name", ["00000000000000000009-nothing", "settings"])
def test_nothing_else_can_be_read(name, mail_dir, client):
    assert client.get(f"/mail/{name}/").status_code == 404
    assert client.get("/mail/../../mentoring/settings.py/").status_code == 404


def test_before_the_first_mail(mail_dir, client):
    assert "No email yet" in client.get(reverse("stack:mail_list")).content.decode()
