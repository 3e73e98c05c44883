"""What must always hold of pairings, whoever writes: sides that belong together, and never inside one institution."""

from django.db import migrations

# A pairing's people, cycle and place are those of its application, interest and place: foreign keys over several columns.
SIDES = """
ALTER TABLE applications_application
    ADD CONSTRAINT application_with_person UNIQUE (id, cycle_id, applicant_id);
ALTER TABLE applications_mentorinterest
    ADD CONSTRAINT mentor_interest_with_person UNIQUE (id, cycle_id, mentor_id);
ALTER TABLE applications_place
    ADD CONSTRAINT place_with_interest UNIQUE (id, interest_id);
ALTER TABLE matching_pairing
    ADD CONSTRAINT pairing_of_its_mentee FOREIGN KEY (application_id, cycle_id, mentee_id)
        REFERENCES applications_application (id, cycle_id, applicant_id),
    ADD CONSTRAINT pairing_of_its_mentor FOREIGN KEY (interest_id, cycle_id, mentor_id)
        REFERENCES applications_mentorinterest (id, cycle_id, mentor_id),
    ADD CONSTRAINT pairing_in_its_place FOREIGN KEY (place_id, interest_id)
        REFERENCES applications_place (id, interest_id);
"""

# Both people's rows, and a shared lock against changes of the institutions, are taken before looking, so that a pairing
# and a move made at the same moment see each other. Checked while a pairing is pending and when it becomes final; a
# move during the mentorship is allowed, and staff are told.
OUTSIDE = """
CREATE FUNCTION share_an_institution(one bigint, other bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM accounts_affiliation
        WHERE person_id = other AND institution_id IN (
            SELECT related_institutions(ARRAY(SELECT institution_id FROM accounts_affiliation WHERE person_id = one))
        )
    )
$$;
CREATE FUNCTION pairing_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status NOT IN ('drafted', 'proposed', 'confirmed')
       AND NOT (NEW.status IN ('final', 'active') AND (TG_OP = 'INSERT' OR OLD.status NOT IN ('final', 'active'))) THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtext('institutions'));
    PERFORM 1 FROM accounts_user WHERE id IN (NEW.mentee_id, NEW.mentor_id) ORDER BY id FOR NO KEY UPDATE;
    IF share_an_institution(NEW.mentee_id, NEW.mentor_id) THEN
        RAISE EXCEPTION 'The two people of a pairing belong to one institution, its parent or its affiliates.'
            USING ERRCODE = '23514', CONSTRAINT = 'pairing_outside_one_institution';
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
                 AND share_an_institution(mentee_id, mentor_id)) THEN
        RAISE EXCEPTION 'A pending pairing stands against this affiliation.'
            USING ERRCODE = '23514', CONSTRAINT = 'affiliation_outside_pending_pairing';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER affiliation_guard AFTER INSERT OR UPDATE ON accounts_affiliation
    FOR EACH ROW EXECUTE FUNCTION affiliation_guard();

CREATE FUNCTION institution_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('institutions'));
    IF EXISTS (SELECT 1 FROM matching_pairing
               WHERE status IN ('drafted', 'proposed', 'confirmed') AND share_an_institution(mentee_id, mentor_id)) THEN
        RAISE EXCEPTION 'A pending pairing stands against this change of institutions.'
            USING ERRCODE = '23514', CONSTRAINT = 'institution_outside_pending_pairing';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER institution_guard AFTER UPDATE OF parent_id ON accounts_institution
    FOR EACH ROW EXECUTE FUNCTION institution_guard();
CREATE TRIGGER institution_affiliates_guard AFTER INSERT OR UPDATE ON accounts_institution_affiliates
    FOR EACH ROW EXECUTE FUNCTION institution_guard();
"""
BACK = """
DROP TRIGGER institution_affiliates_guard ON accounts_institution_affiliates;
DROP TRIGGER institution_guard ON accounts_institution;
DROP TRIGGER affiliation_guard ON accounts_affiliation;
DROP TRIGGER pairing_guard ON matching_pairing;
DROP FUNCTION institution_guard(), affiliation_guard(), pairing_guard(), share_an_institution(bigint, bigint);
ALTER TABLE matching_pairing DROP CONSTRAINT pairing_of_its_mentee, DROP CONSTRAINT pairing_of_its_mentor,
    DROP CONSTRAINT pairing_in_its_place;
ALTER TABLE applications_application DROP CONSTRAINT application_with_person;
ALTER TABLE applications_mentorinterest DROP CONSTRAINT mentor_interest_with_person;
ALTER TABLE applications_place DROP CONSTRAINT place_with_interest;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0001_initial"),
        ("applications", "0002_guards"),
        ("accounts", "0002_related_institutions"),
    ]
    operations = [migrations.RunSQL([SIDES, OUTSIDE], BACK)]
