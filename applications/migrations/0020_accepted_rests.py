"""Nobody becomes a mentee but by a released acceptance or an offered place, nor before staff verified what they must."""

from django.db import migrations

# Whoever verifies, waives, decides, offers or hands in locks the application first, as the update here does.
ACCEPTED_RESTS = """
CREATE FUNCTION answers_to_rule(answers jsonb, rule text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(key, value) FROM jsonb_each(answers) WHERE starts_with(key || '_', rule || '_')
$$;
CREATE FUNCTION application_accepted_rests() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    latest applications_submission;
BEGIN
    SELECT * INTO latest FROM applications_submission WHERE application_id = NEW.id ORDER BY number DESC LIMIT 1;
    IF NOT EXISTS (SELECT 1 FROM applications_decision
                   WHERE submission_id = latest.id AND outcome = 'accept' AND release_id IS NOT NULL)
       AND NOT (OLD.status = 'waitlisted'
                AND EXISTS (SELECT 1 FROM applications_placeoffer WHERE application_id = NEW.id AND status = 'offered')) THEN
        RAISE EXCEPTION 'No released acceptance and no offered place.'
            USING ERRCODE = '23514', CONSTRAINT = 'application_accepted_was_told';
    END IF;
    IF EXISTS (
        SELECT 1 FROM jsonb_array_elements(latest.verdict) rule
        WHERE rule ->> 'state' = 'to_verify'
          AND NOT EXISTS (SELECT 1 FROM applications_waiver
                          WHERE application_id = NEW.id AND rule_key = rule ->> 'key' AND taken_back_at IS NULL)
          AND NOT EXISTS (SELECT 1 FROM applications_verification found
                          JOIN applications_submission looked_at ON looked_at.id = found.submission_id
                          WHERE found.application_id = NEW.id AND found.rule_key = rule ->> 'key' AND found.holds
                            AND answers_to_rule(looked_at.rule_answers, found.rule_key)
                                IS NOT DISTINCT FROM answers_to_rule(latest.rule_answers, found.rule_key))
    ) THEN
        RAISE EXCEPTION 'A rule is still to be verified.'
            USING ERRCODE = '23514', CONSTRAINT = 'application_accepted_was_verified';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER application_accepted_rests BEFORE UPDATE OF status ON applications_application
    FOR EACH ROW WHEN (NEW.status = 'accepted' AND OLD.status <> 'accepted') EXECUTE FUNCTION application_accepted_rests();
"""
BACK = """
DROP TRIGGER application_accepted_rests ON applications_application;
DROP FUNCTION application_accepted_rests(), answers_to_rule(jsonb, text);
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0019_waivers")]
    operations = [migrations.RunSQL(ACCEPTED_RESTS, BACK)]
