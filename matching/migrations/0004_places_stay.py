"""A place that a live pairing holds cannot be taken out of use: a mentor's live pairings never exceed the places."""

from django.db import migrations

STAYS = """
CREATE FUNCTION place_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.retired AND EXISTS (SELECT 1 FROM matching_pairing WHERE place_id = NEW.id
                               AND status IN ('drafted', 'proposed', 'confirmed', 'final', 'active')) THEN
        RAISE EXCEPTION 'A live pairing holds this place.' USING ERRCODE = '23514', CONSTRAINT = 'place_in_use_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER place_guard BEFORE UPDATE OF retired ON applications_place FOR EACH ROW EXECUTE FUNCTION place_guard();
"""
BACK = "DROP TRIGGER place_guard ON applications_place; DROP FUNCTION place_guard();"


class Migration(migrations.Migration):
    dependencies = [("matching", "0003_draft_order")]
    operations = [migrations.RunSQL(STAYS, BACK)]
