"""The guards of pairings read how far apart their cycle keeps people, and a cycle's setting is guarded like a move."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("matching.migrations.0002_guards")
RELATED = import_module("mentoring.accounts.migrations.0002_related_institutions").RELATED

DROP_OLD = """
DROP TRIGGER institution_affiliates_guard ON accounts_institution_affiliates;
DROP TRIGGER institution_guard ON accounts_institution;
DROP TRIGGER affiliation_guard ON accounts_affiliation;
DROP TRIGGER pairing_guard ON matching_pairing;
DROP FUNCTION institution_guard(), affiliation_guard(), pairing_guard(), share_an_institution(bigint, bigint);
DROP FUNCTION related_institutions(bigint[]);
"""

# As before, both people's rows and a shared lock against changes of institutions and of cycles are taken before looking.
GUARDS = """
CREATE FUNCTION too_near(one bigint, other bigint, cycle bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM programs_cycle run
        CROSS JOIN LATERAL separation_keys(ARRAY[one], run.separation, run.separation_levels, true) own
        JOIN LATERAL separation_keys(ARRAY[other], run.separation, run.separation_levels, false) theirs
            ON theirs.key = own.key
        WHERE run.id = cycle
    )
$$;
CREATE FUNCTION mentors_too_near(cycle bigint, mentee bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT DISTINCT theirs.person FROM programs_cycle run
    CROSS JOIN LATERAL separation_keys(ARRAY[mentee], run.separation, run.separation_levels, true) own
    JOIN LATERAL separation_keys(
        ARRAY(SELECT mentor_id FROM applications_mentorinterest WHERE cycle_id = cycle),
        run.separation, run.separation_levels, false
    ) theirs ON theirs.key = own.key
    WHERE run.id = cycle
$$;
CREATE FUNCTION pairing_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status NOT IN ('drafted', 'proposed', 'confirmed')
       AND NOT (NEW.status IN ('final', 'active') AND (TG_OP = 'INSERT' OR OLD.status NOT IN ('final', 'active'))) THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtext('institutions'));
    PERFORM 1 FROM accounts_user WHERE id IN (NEW.mentee_id, NEW.mentor_id) ORDER BY id FOR NO KEY UPDATE;
    IF too_near(NEW.mentee_id, NEW.mentor_id, NEW.cycle_id) THEN
        RAISE EXCEPTION 'The two people of a pairing are nearer than their cycle allows.'
            USING ERRCODE = '23514',
                  CONSTRAINT = 'pairing_outside_one_' || (SELECT separation FROM programs_cycle WHERE id = NEW.cycle_id);
    END IF;
    IF NOT EXISTS (SELECT 1 FROM applications_place WHERE id = NEW.place_id AND NOT retired FOR SHARE) THEN
        RAISE EXCEPTION 'The place of a pairing has been retired.'
            USING ERRCODE = '23514', CONSTRAINT = 'pairing_place_in_use';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pairing_guard BEFORE INSERT OR UPDATE ON matching_pairing FOR EACH ROW EXECUTE FUNCTION pairing_guard();

CREATE FUNCTION affiliation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('institutions'));
    PERFORM 1 FROM accounts_user WHERE id = NEW.person_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM matching_pairing
               WHERE status IN ('drafted', 'proposed', 'confirmed') AND NEW.person_id IN (mentee_id, mentor_id)
                 AND too_near(mentee_id, mentor_id, cycle_id)) THEN
        RAISE EXCEPTION 'A pending pairing stands against this affiliation.'
            USING ERRCODE = '23514', CONSTRAINT = 'affiliation_outside_pending_pairing';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER affiliation_guard AFTER INSERT OR UPDATE ON accounts_affiliation
    FOR EACH ROW EXECUTE FUNCTION affiliation_guard();

-- Once for a statement, however many institutions it changes, and only where what counts has changed.
CREATE FUNCTION institution_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM said JOIN says USING (id)
                   WHERE (said.parent_id, said.country) IS DISTINCT FROM (says.parent_id, says.country)) THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('institutions'));
    IF EXISTS (WITH RECURSIVE above AS (
                   SELECT id AS base, parent_id AS id FROM says
                   UNION
                   SELECT above.base, here.parent_id FROM above JOIN accounts_institution here ON here.id = above.id
               ) SELECT 1 FROM above WHERE base = id) THEN
        RAISE EXCEPTION 'An institution would stand above itself.'
            USING ERRCODE = '23514', CONSTRAINT = 'institution_not_above_itself';
    END IF;
    IF EXISTS (SELECT 1 FROM matching_pairing
               WHERE status IN ('drafted', 'proposed', 'confirmed') AND too_near(mentee_id, mentor_id, cycle_id)) THEN
        RAISE EXCEPTION 'A pending pairing stands against this change of institutions.'
            USING ERRCODE = '23514', CONSTRAINT = 'institution_outside_pending_pairing';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER institution_guard AFTER UPDATE ON accounts_institution
    REFERENCING OLD TABLE AS said NEW TABLE AS says FOR EACH STATEMENT EXECUTE FUNCTION institution_guard();

CREATE FUNCTION affiliates_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('institutions'));
    IF EXISTS (SELECT 1 FROM matching_pairing
               WHERE status IN ('drafted', 'proposed', 'confirmed') AND too_near(mentee_id, mentor_id, cycle_id)) THEN
        RAISE EXCEPTION 'A pending pairing stands against this change of institutions.'
            USING ERRCODE = '23514', CONSTRAINT = 'institution_outside_pending_pairing';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER affiliates_guard AFTER INSERT OR UPDATE ON accounts_institution_affiliates
    FOR EACH STATEMENT EXECUTE FUNCTION affiliates_guard();

CREATE FUNCTION cycle_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('institutions'));
    IF EXISTS (SELECT 1 FROM matching_pairing
               WHERE cycle_id = NEW.id AND status IN ('drafted', 'proposed', 'confirmed')
                 AND too_near(mentee_id, mentor_id, cycle_id)) THEN
        RAISE EXCEPTION 'A pending pairing stands against this setting of its cycle.'
            USING ERRCODE = '23514', CONSTRAINT = 'cycle_outside_pending_pairing';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER cycle_guard AFTER UPDATE ON programs_cycle FOR EACH ROW
    WHEN ((OLD.separation, OLD.separation_levels) IS DISTINCT FROM (NEW.separation, NEW.separation_levels))
    EXECUTE FUNCTION cycle_guard();
"""
BACK = """
DROP TRIGGER cycle_guard ON programs_cycle;
DROP TRIGGER affiliates_guard ON accounts_institution_affiliates;
DROP TRIGGER institution_guard ON accounts_institution;
DROP TRIGGER affiliation_guard ON accounts_affiliation;
DROP TRIGGER pairing_guard ON matching_pairing;
DROP FUNCTION cycle_guard(), affiliates_guard(), institution_guard(), affiliation_guard(), pairing_guard();
DROP FUNCTION mentors_too_near(bigint, bigint), too_near(bigint, bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0007_confidence_guards"),
        ("programs", "0007_cycle_separation"),
        ("accounts", "0004_separation_keys"),
    ]
    operations = [migrations.RunSQL([DROP_OLD, GUARDS], [BACK, RELATED, BEFORE.OUTSIDE])]
