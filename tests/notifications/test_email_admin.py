"""What staff can see and do about mail, and what they cannot."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse

from mentoring.accounts import roles
from mentoring.audit.models import Event
from mentoring.notifications.email import queue_account_mail
from mentoring.notifications.models import EmailText, OutgoingEmail
from tests import factories

pytestmark = pytest.mark.django_db
EMAILS = "admin:notifications_outgoingemail"
WORDINGS = "admin:notifications_emailtext"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def staff(client):
    """Sign in as someone in the role."""

    def sign_in(role):
        person = get_user_model().objects.create(
            name=f"The {role}", email=f"{role}@example.org".replace(" ", ""), is_staff=True
        )
        person.groups.add(Group.objects.get(name=role))
        client.force_login(person)
        return person

    return sign_in


def act(client, action, emails, **more):
    data = {"action": action, "_selected_action": [email.pk for email in emails], **more}
    return client.post(reverse(f"{EMAILS}_changelist"), data, follow=True)


def test_the_list_finds_and_filters(client, staff, outgoing):
    staff(roles.AUDITOR)
    failed = outgoing(status="failed", subject="Failed one", text="<b>Hi</b>", to_address="ada@example.org")
    OutgoingEmail.objects.update(scope="vmp-2027")
    outgoing(status="cancelled", subject="Cancelled one", kind="OtherThing")
    address = reverse(f"{EMAILS}_changelist")
    for query in ("status__exact=failed", "queue=troubled", "kind=Notice", "scope=vmp-2027", "q=ada@example"):
        page = client.get(f"{address}?{query}").content.decode()
        assert "Failed one" in page, query
        assert "Cancelled one" not in page, query
    assert client.get(f"{address}?queue=late").context["cl"].result_count == 0
    assert "<p>&lt;b&gt;Hi&lt;/b&gt;</p>" in client.get(reverse(f"{EMAILS}_change", args=[failed.pk])).content.decode()


def test_secret_links_are_hidden(client, staff, person):
    staff(roles.ADMINISTRATOR)
    email = queue_account_mail(person, person.email, "password_reset_key", "Reset", "https://x/secret-key/")
    page = client.get(reverse(f"{EMAILS}_change", args=[email.pk])).content.decode()
    assert "secret-key" not in page
    assert "so its text is not shown" in page


def test_nobody_adds_changes_or_deletes_mail(client, admin_user, outgoing):
    client.force_login(admin_user)
    email = outgoing()
    assert client.get(reverse(f"{EMAILS}_add")).status_code == 403
    assert client.post(reverse(f"{EMAILS}_change", args=[email.pk]), {"subject": "Other"}).status_code == 403
    assert client.post(reverse(f"{EMAILS}_delete", args=[email.pk]), {"post": "yes"}).status_code == 403


def test_sending_again_asks_first_and_is_on_record(client, staff, outgoing):
    person = staff(roles.MANAGER)
    failed, uncertain, sent = outgoing(status="failed"), outgoing(status="uncertain"), outgoing(status="cancelled")
    page = act(client, "send_again", [failed, uncertain, sent]).content.decode()
    assert "2 will change" in page
    assert "1 cannot, and why" in page
    assert OutgoingEmail.objects.filter(status="queued").count() == 0
    act(client, "send_again", [failed, uncertain, sent], confirmed="yes", reason="She asked")
    assert set(OutgoingEmail.objects.filter(status="queued")) == {failed, uncertain}
    event = Event.objects.about(failed).get()
    assert (event.verb, event.before, event.after) == ("resend", "failed", "queued")
    assert (event.reason, event.actor_id) == ("She asked", person.pk)


def test_an_erased_mail_cannot_be_sent_again(client, staff, outgoing):
    staff(roles.ADMINISTRATOR)
    email = outgoing(kind="AccountX", status="failed", text="")
    page = act(client, "send_again", [email], confirmed="yes").content.decode()
    assert "has been erased" in page
    email.refresh_from_db()
    assert email.status == "failed"


def test_marking_as_delivered(client, staff, outgoing):
    staff(roles.ADMINISTRATOR)
    failed, uncertain = outgoing(status="failed"), outgoing(status="uncertain")
    act(client, "mark_as_delivered", [failed, uncertain], confirmed="yes")
    failed.refresh_from_db()
    uncertain.refresh_from_db()
    assert (failed.status, uncertain.status) == ("failed", "sent")
    assert uncertain.sent_at
    assert Event.objects.about(uncertain).get().verb == "mark_delivered"


def test_who_may_only_look_cannot_send(client, staff, outgoing):
    staff(roles.AUDITOR)
    email = outgoing(status="failed")
    act(client, "send_again", [email], confirmed="yes")
    email.refresh_from_db()
    assert email.status == "failed"


def wording(**facts):
    defaults = {"kind": "Notice", "scope": "", "subject": "Our {{ subject }}", "body": "Dear {{ name }}, {{ thing }}"}
    return {**defaults, **facts}


def test_staff_write_their_own_wording(client, staff, Notice, notice):
    person = staff(roles.MANAGER)
    form = client.get(f"{reverse(f'{WORDINGS}_add')}?kind=Notice").content.decode()
    assert "News of {{ subject }}" in form
    assert "for example “a pen”" in form
    factories.cycle(slug="vmp-2027")
    client.post(reverse(f"{WORDINGS}_add"), wording(scope="vmp-2027"))
    written = EmailText.objects.get()
    assert written.updated_by == person
    assert Event.objects.about(written).get().details["subject"] == "Our {{ subject }}"
    assert notice(scope="vmp-2027").queue().subject == "Our the term"
    client.post(reverse(f"{WORDINGS}_change", args=[written.pk]), wording(scope="vmp-2027", subject="Newer"))
    written.refresh_from_db()
    assert written.subject == "Newer"
    assert set(Event.objects.about(written).values_list("verb", flat=True)) == {"write_wording", "change_wording"}


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"body": "{{ password }}"}, "This email knows no {{ password }}. You can use {{ link }}, {{ name }}"),
        ({"subject": "{{ password }}"}, "This email knows no {{ password }}."),
        ({"body": "{% load static %}"}, "Take out “{%”."),
        ({"body": "-> Go there"}, "Write a button as"),
        ({"body": "-> Go: {{ thing }}"}, "needs an address that starts with https://"),
        ({"subject": ""}, "This field is required."),
    ],
)
def test_a_wording_that_cannot_be_sent_is_refused_in_words(client, staff, Notice, facts, says):
    staff(roles.MANAGER)
    page = client.post(f"{reverse(f'{WORDINGS}_add')}?kind=Notice", wording(**facts))
    assert page.status_code == 200
    assert says in page.content.decode().replace("&amp;", "&")
    assert not EmailText.objects.exists()


def test_a_wording_belongs_to_a_kind_there_is(client, staff, Notice):
    staff(roles.MANAGER)
    kept = EmailText.objects.create(**wording())
    page = client.post(reverse(f"{WORDINGS}_change", args=[kept.pk]), wording(kind="Unheard")).content.decode()
    assert "The portal sends no email of this kind." in page
    kept.refresh_from_db()
    assert kept.kind == "Notice"


def test_a_wording_is_for_a_cycle_there_is_or_for_all(client, staff, Notice):
    staff(roles.MANAGER)
    made = factories.cycle()
    form = client.get(f"{reverse(f'{WORDINGS}_add')}?kind=Notice&scope={made.slug}").content.decode()
    assert '<option value="">Every cycle</option>' in form
    assert f'<option value="{made.slug}" selected>{made}</option>' in form

    page = client.post(f"{reverse(f'{WORDINGS}_add')}?kind=Notice", wording(scope="vmp-2072")).content.decode()

    assert "vmp-2072 is not one of the available choices" in page
    assert not EmailText.objects.exists()


def test_a_wording_whose_cycle_is_gone_can_still_be_saved(client, staff, Notice):
    staff(roles.MANAGER)
    kept = EmailText.objects.create(**wording(scope="vmp-2020"))
    address = reverse(f"{WORDINGS}_change", args=[kept.pk])
    assert "vmp-2020 (no such cycle now)" in client.get(address).content.decode()
    client.post(address, wording(scope="vmp-2020", subject="Newer"))
    kept.refresh_from_db()
    assert (kept.scope, kept.subject) == ("vmp-2020", "Newer")


def test_one_wording_for_one_kind_and_cycle(client, staff, Notice):
    staff(roles.MANAGER)
    EmailText.objects.create(**wording())
    page = client.post(reverse(f"{WORDINGS}_add"), wording())
    assert "There is a wording for this email and cycle already." in page.content.decode()


def test_a_preview_shows_what_is_typed_and_runs_nothing(client, staff, Notice):
    staff(roles.MANAGER)
    address = reverse(f"{WORDINGS}_preview")
    shipped = client.get(f"{address}?kind=Notice")
    assert "News of the spring term" in shipped.content.decode()
    assert "default-src 'none'" in shipped["Content-Security-Policy"]
    assert "script" not in shipped["Content-Security-Policy"]
    assert shipped["X-Frame-Options"] == "SAMEORIGIN"
    typed = client.post(address, wording(body="Hello <script>alert(1)</script> {{ thing }}")).content.decode()
    assert "a pen" in typed
    assert "<script>" not in typed
    (frame,) = re.findall(r'srcdoc="([^"]*)"', typed)
    assert frame.endswith("&lt;/html&gt;\n")  # the whole mail stays inside its frame
    assert "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt; a pen" in frame
    wrong = client.post(address, wording(body="{{ password }}")).content.decode()
    assert "knows no {{ password }}" in wrong
    assert not EmailText.objects.exists()


def test_every_kind_is_listed_with_what_it_is_for(client, staff, Notice):
    staff(roles.MANAGER)
    EmailText.objects.create(**wording(scope="vmp-2027"))
    page = client.get(reverse(f"{WORDINGS}_kinds")).content.decode()
    assert "To anyone, in tests." in page
    assert "vmp-2027" in page
    assert client.get(reverse(f"{WORDINGS}_changelist")).status_code == 200
    assert client.get(reverse(f"{WORDINGS}_add")).headers["Location"] == reverse(f"{WORDINGS}_kinds")


def test_who_may_only_look_cannot_word(client, staff, Notice):
    staff(roles.AUDITOR)
    kept = EmailText.objects.create(**wording())
    assert client.get(f"{reverse(f'{WORDINGS}_add')}?kind=Notice").status_code == 403
    page = client.get(reverse(f"{WORDINGS}_change", args=[kept.pk]))
    assert "Our {{ subject }}" in page.content.decode()
    assert client.post(reverse(f"{WORDINGS}_change", args=[kept.pk]), wording(subject="X")).status_code == 403
    assert client.get(f"{reverse(f'{WORDINGS}_preview')}?kind=Notice").status_code == 200
    staff(roles.REVIEWER)
    assert client.get(f"{reverse(f'{WORDINGS}_preview')}?kind=Notice").status_code == 403


def test_a_discarded_wording_is_on_record(client, admin_user, Notice):
    client.force_login(admin_user)
    kept = EmailText.objects.create(**wording())
    client.post(reverse(f"{WORDINGS}_delete", args=[kept.pk]), {"post": "yes"})
    assert not EmailText.objects.exists()
    assert Event.objects.filter(verb="discard_wording").get().details["body"].startswith("Dear")
