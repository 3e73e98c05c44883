"""Whoever writes: nobody is at once the mentor of their own mentor, in whichever cycles and programs."""

from django.db import migrations

# Both people's rows are locked before looking, as by the guard of pairings, so that two pairings made at the same moment see
# each other. Asked where that guard asks.
GUARD = """
CREATE FUNCTION pairing_one_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status NOT IN ('drafted', 'proposed', 'confirmed')
       AND NOT (NEW.status IN ('final', 'active') AND (TG_OP = 'INSERT' OR OLD.status NOT IN ('final', 'active'))) THEN
        RETURN NEW;
    END IF;
    PERFORM 1 FROM accounts_user WHERE id IN (NEW.mentee_id, NEW.mentor_id) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM matching_pairing
               WHERE mentee_id = NEW.mentor_id AND mentor_id = NEW.mentee_id
                 AND status IN ('drafted', 'proposed', 'confirmed', 'final', 'active')) THEN
        RAISE EXCEPTION 'The mentee is the mentor of this mentor already.'
            USING ERRCODE = '23514', CONSTRAINT = 'pairing_not_each_others_mentor';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pairing_one_way BEFORE INSERT OR UPDATE ON matching_pairing FOR EACH ROW EXECUTE FUNCTION pairing_one_way();
"""
BACK = "DROP TRIGGER pairing_one_way ON matching_pairing; DROP FUNCTION pairing_one_way();"


class Migration(migrations.Migration):
    dependencies = [("matching", "0015_crowd")]
    operations = [migrations.RunSQL(GUARD, BACK)]
