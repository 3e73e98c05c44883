"""Whatever writes: no pairing against a confidence, and never more mentees than a mentor's limit over all programs."""

from django.db import migrations

# Asked when two people are put together and when it is proposed; the guard of pairings has locked both people's rows by
# then (triggers run by name), as has whoever says something in confidence. What is shared already is theirs to answer.
ALLOWED = """
CREATE FUNCTION pairing_not_refused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status NOT IN ('drafted', 'proposed') THEN RETURN NEW; END IF;
    PERFORM 1 FROM accounts_user WHERE id IN (NEW.mentee_id, NEW.mentor_id) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM matching_confidence WHERE taken_back_at IS NULL
               AND said_by_id IN (NEW.mentee_id, NEW.mentor_id) AND about_id IN (NEW.mentee_id, NEW.mentor_id)) THEN
        RAISE EXCEPTION 'The rules do not allow this pairing.'
            USING ERRCODE = '23514', CONSTRAINT = 'pairing_is_allowed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pairing_not_refused BEFORE INSERT OR UPDATE OF status, mentee_id, mentor_id ON matching_pairing
    FOR EACH ROW EXECUTE FUNCTION pairing_not_refused();
"""

ROOM = """
CREATE FUNCTION live_as_mentor(person bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT count(*) FROM matching_pairing
    WHERE mentor_id = person AND status IN ('drafted', 'proposed', 'confirmed', 'final', 'active')
$$;
CREATE FUNCTION pairing_room_in_all() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE most integer;
BEGIN
    IF NEW.status NOT IN ('drafted', 'proposed', 'confirmed', 'final', 'active') THEN RETURN NULL; END IF;
    SELECT most_mentees INTO most FROM accounts_user WHERE id = NEW.mentor_id FOR NO KEY UPDATE;
    IF most IS NOT NULL AND live_as_mentor(NEW.mentor_id) > most THEN
        RAISE EXCEPTION 'The mentor has no room for another mentee, over all programs.'
            USING ERRCODE = '23514', CONSTRAINT = 'mentor_has_room_in_all';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER pairing_room_in_all AFTER INSERT OR UPDATE OF status, mentor_id ON matching_pairing
    FOR EACH ROW EXECUTE FUNCTION pairing_room_in_all();

CREATE FUNCTION user_limit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.most_mentees IS NOT NULL AND live_as_mentor(NEW.id) > NEW.most_mentees THEN
        RAISE EXCEPTION 'More pairings than that are live.'
            USING ERRCODE = '23514', CONSTRAINT = 'user_limit_covers_live_pairings';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER user_limit_guard AFTER UPDATE OF most_mentees ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION user_limit_guard();
"""
BACK = """
DROP TRIGGER user_limit_guard ON accounts_user;
DROP TRIGGER pairing_room_in_all ON matching_pairing;
DROP TRIGGER pairing_not_refused ON matching_pairing;
DROP FUNCTION user_limit_guard(), pairing_room_in_all(), pairing_not_refused(), live_as_mentor(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0006_confidences"), ("accounts", "0003_more_of_mentors")]
    operations = [migrations.RunSQL([ALLOWED, ROOM], BACK)]
