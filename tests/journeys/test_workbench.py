"""A staff member at the workbench: find a mentee, see what a change does, save it, and look at what else there is."""

from tests.matching.scene import Scene


def test_staff_find_a_mentee_and_change_a_pair_by_hand(somebody, site, transactional_db):
    scene = Scene()
    ada, bea = scene.mentor("Ada Mentor"), scene.mentor("Bea Mentor")
    scene.mentee("Xan Mentee", ada)
    scene.mentee("Yve Mentee", ada, bea)
    scene.mentee("Zoe Mentee", ada)
    scene.solve()
    morgan = somebody().is_signed_in_as(scene.manager)

    morgan.visit(scene.address("matching_workbench", scene.cycle.pk))
    morgan.page.get_by_label("Name", exact=True).fill("yve")
    morgan.press("Show")
    morgan.reads("1 of 3 mentees")
    morgan.page.get_by_role("link", name="Yve Mentee").press("Enter")
    morgan.reads("Whom they want")
    morgan.look("unfolded")
    morgan.page.get_by_label("A note on Yve Mentee").fill("Phoned on Tuesday.")
    morgan.press("Keep this note")
    morgan.reads("The note on Yve Mentee is kept.", "Phoned on Tuesday.")
    morgan.page.get_by_role("link", name="Yve Mentee").press("Enter")
    morgan.reads("Whom they want")
    morgan.page.get_by_role("link", name="What it would cost").first.click()
    morgan.reads("And if you suggest again around it")
    morgan.look()
    morgan.page.get_by_label("Why").fill("They met before.")
    morgan.press("Save this change")
    morgan.reads("Yve Mentee with Ada Mentor: saved.")
    morgan.visit(scene.address("matching_gaps", scene.cycle.pk)).reads("What would help most")
    morgan.visit(scene.address("matching_scenarios", scene.cycle.pk)).reads("Try something else")
