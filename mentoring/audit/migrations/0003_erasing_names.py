"""History stays as it is, but for names: in a transaction that says whom it erases, they give way to a number."""

from django.db import migrations

BUT_FOR_NAMES = """
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wording text[] := ARRAY['actor_name', 'target_name', 'reason', 'details'];
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('mentoring.history_may_be_emptied', true) = 'on' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND coalesce(current_setting('mentoring.erasing', true), '') <> ''
       AND to_jsonb(NEW) - wording = to_jsonb(OLD) - wording THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'History is only ever added to.' USING ERRCODE = '23514', CONSTRAINT = 'audit_event_append_only';
END $$;
"""
BACK = """
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('mentoring.history_may_be_emptied', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'History is only ever added to.' USING ERRCODE = '23514', CONSTRAINT = 'audit_event_append_only';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [migrations.RunSQL(BUT_FOR_NAMES, BACK)]
