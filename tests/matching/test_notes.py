"""What staff write down about a mentee: who reads it, who wrote it, and that the two people concerned never see it."""

import pytest

from matching.models import MenteeNote
from matching.models.notes import take_off, write_note
from mentoring.accounts.roles import ADMINISTRATOR, AUDITOR, REVIEWER
from mentoring.audit.models import Event
from mentoring.notifications.models import OutgoingEmail
from mentoring.workflow import TransitionRefused
from tests import factories
from tests.matching.scene import Scene

pytestmark = pytest.mark.django_db
WORDS = "Phoned on Tuesday: would love somebody in Boston."


@pytest.fixture
def scene():
    scene = Scene()
    scene.ada = scene.mentor("Ada")
    scene.xan = scene.mentee("Xan", scene.ada)
    return scene


def part(scene, person):
    """What unfolds below the mentee's row."""
    address = scene.address("matching_bench_mentee", scene.cycle.pk, scene.xan.pk)
    return scene.client(person).get(address, headers={"HX-Request": "true"}).content.decode()


def test_a_note_is_read_by_all_staff_of_the_workbench_with_who_wrote_it(scene):
    scene.client().post(scene.address("matching_note", scene.xan.pk), {"words": f" {WORDS} "})

    for reader in (scene.manager, factories.staff(AUDITOR)):
        text = part(scene, reader)
        assert WORDS in text
        assert "Morgan Manager" in text
        bench = scene.client(reader).get(scene.address("matching_workbench", scene.cycle.pk), {"state": "noted"})
        assert [each.notes for each in bench.context["view"].page] == [[WORDS]]
        assert WORDS in bench.content.decode()
    choosing = scene.client().get(scene.address("matching_choose", scene.xan.pk)).content.decode()
    assert WORDS in choosing
    assert Event.objects.about(scene.xan).get(verb="note").reason == WORDS


def test_the_latest_note_stands_in_the_row(scene):
    write_note(scene.xan, WORDS, by=scene.manager)
    write_note(scene.xan, "Phoned again.", by=scene.manager)

    assert scene.board().mentees[0].notes == ["Phoned again.", WORDS]


def test_a_note_that_is_taken_off_stays_in_the_history(scene):
    note = write_note(scene.xan, WORDS, by=scene.manager)

    scene.client().post(scene.address("matching_note_off", note.pk))

    assert not MenteeNote.objects.exists()
    assert Event.objects.about(scene.xan).get(verb="take_off_note").reason == WORDS
    with pytest.raises(TransitionRefused, match="taken this note off already"):
        take_off(note, by=scene.manager)
    assert Event.objects.filter(verb="take_off_note").count() == 1


def test_an_empty_note_is_none(scene):
    page = scene.client().post(scene.address("matching_note", scene.xan.pk), {"words": " "}, follow=True)

    assert "Please write the note first." in page.content.decode()
    assert not MenteeNote.objects.exists()


def test_neither_mentee_nor_mentor_nor_a_mail_nor_a_file_has_it(scene):
    write_note(scene.xan, WORDS, by=scene.manager)
    pairing = scene.pair(scene.xan, scene.ada, "proposed")

    for person in (scene.xan.applicant, scene.ada.mentor):
        for address in ("/home/", pairing.get_absolute_url(), "/account/data/download.json"):
            page = scene.client(person).get(address)
            assert page.status_code == 200
            assert WORDS not in page.content.decode()
    export = scene.client().post(scene.address("matching_export", scene.cycle.pk))
    assert export.status_code == 200
    assert str(scene.xan.applicant) in export.content.decode()
    assert WORDS not in export.content.decode()
    mails = [mail.subject + mail.text + mail.html for mail in OutgoingEmail.objects.all()]
    assert any(pairing.get_absolute_url() in mail for mail in mails)
    assert not any(WORDS in mail for mail in mails)


@pytest.mark.parametrize("role", [REVIEWER, ADMINISTRATOR])
def test_staff_who_do_not_see_the_workbench_do_not_read_it_elsewhere(scene, role):
    write_note(scene.xan, WORDS, by=scene.manager)
    client = scene.client(factories.staff(role))
    application = f"/admin/applications/application/{scene.xan.pk}/change/"
    for address in ("/admin/", application, "/admin/audit/event/", f"/admin/audit/event/?q={scene.xan.applicant.name}"):
        assert WORDS not in client.get(address).content.decode()


def test_colleagues_who_look_at_the_workbench_hear_of_a_note(scene):
    colleague = factories.staff(name="Maria Manager")
    page = scene.client(colleague).get(scene.address("matching_workbench", scene.cycle.pk))
    since, address = {"since": page.context["cycle"].with_news}, scene.address("matching_news", scene.cycle.pk)
    scene.client().post(scene.address("matching_note", scene.xan.pk), {"words": WORDS})

    assert (
        "Morgan Manager wrote down a note, or took one off, now."
        in scene.client(colleague).get(address, since).content.decode()
    )
    assert "note" not in scene.client(scene.manager).get(address, since).content.decode()
    elsewhere = scene.address("matching_news", factories.cycle("dmp").pk)
    assert "note" not in scene.client(colleague).get(elsewhere, since).content.decode()
