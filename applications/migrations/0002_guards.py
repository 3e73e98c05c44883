"""What no form can be trusted with: submissions are never changed, and nobody is mentee and mentor in one cycle."""

from django.db import migrations

SUBMISSIONS_STAY = """
CREATE FUNCTION submission_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was handed in is never changed.' USING ERRCODE = '23514', CONSTRAINT = 'submission_never_changes';
END $$;
CREATE TRIGGER submission_never_changes BEFORE UPDATE OR DELETE ON applications_submission
    FOR EACH ROW EXECUTE FUNCTION submission_refuse_change();
"""

# The person's row is locked first, so that two of these at once see each other.
ONE_ROLE = """
CREATE FUNCTION application_one_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN ('draft', 'withdrawn', 'declined') THEN RETURN NEW; END IF;
    PERFORM 1 FROM accounts_user WHERE id = NEW.applicant_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM applications_mentorinterest
               WHERE cycle_id = NEW.cycle_id AND mentor_id = NEW.applicant_id
                 AND status NOT IN ('draft', 'withdrawn', 'declined')) THEN
        RAISE EXCEPTION 'A person is a mentee or a mentor in one cycle, never both.'
            USING ERRCODE = '23514', CONSTRAINT = 'one_role_in_a_cycle';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION mentor_interest_one_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN ('draft', 'withdrawn', 'declined') THEN RETURN NEW; END IF;
    PERFORM 1 FROM accounts_user WHERE id = NEW.mentor_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM applications_application
               WHERE cycle_id = NEW.cycle_id AND applicant_id = NEW.mentor_id
                 AND status NOT IN ('draft', 'withdrawn', 'declined')) THEN
        RAISE EXCEPTION 'A person is a mentee or a mentor in one cycle, never both.'
            USING ERRCODE = '23514', CONSTRAINT = 'one_role_in_a_cycle';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER application_one_role BEFORE INSERT OR UPDATE OF status, cycle_id, applicant_id ON applications_application
    FOR EACH ROW EXECUTE FUNCTION application_one_role();
CREATE TRIGGER mentor_interest_one_role BEFORE INSERT OR UPDATE OF status, cycle_id, mentor_id ON applications_mentorinterest
    FOR EACH ROW EXECUTE FUNCTION mentor_interest_one_role();
"""
BACK = """
DROP TRIGGER submission_never_changes ON applications_submission;
DROP TRIGGER application_one_role ON applications_application;
DROP TRIGGER mentor_interest_one_role ON applications_mentorinterest;
DROP FUNCTION submission_refuse_change(), application_one_role(), mentor_interest_one_role();
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0001_initial")]
    operations = [migrations.RunSQL([SUBMISSIONS_STAY, ONE_ROLE], BACK)]
