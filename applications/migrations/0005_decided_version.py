"""Decisions and verifications name the version they were made on; those that are there were made on the latest."""

import django.db.models.deletion
from django.db import migrations, models

LATEST = """
UPDATE applications_{table} row SET submission_id = (
    SELECT id FROM applications_submission s WHERE s.application_id = row.application_id ORDER BY number DESC LIMIT 1
);
"""


def submission(related_name, **options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to="applications.submission",
        **options,
    )


class Migration(migrations.Migration):
    # The rows are filled before the columns are closed, which PostgreSQL does not allow in one transaction.
    atomic = False
    dependencies = [("applications", "0004_rules_version")]
    operations = [
        migrations.AddField("decision", "submission", submission("decisions", null=True)),
        migrations.AddField("verification", "submission", submission("verifications", null=True)),
        migrations.RunSQL(LATEST.format(table="decision") + LATEST.format(table="verification"), migrations.RunSQL.noop),
        migrations.AlterField("decision", "submission", submission("decisions")),
        migrations.AlterField("verification", "submission", submission("verifications")),
        migrations.RemoveConstraint("verification", "verification_once_for_a_rule"),
        migrations.AddConstraint(
            "verification",
            models.UniqueConstraint(fields=("submission", "rule_key"), name="verification_once_for_a_rule"),
        ),
    ]
