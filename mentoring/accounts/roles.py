"""Roles x capabilities: the one table of who may do or see what.

It is written into Django's groups after every migration, so the admin and ``has_perm`` obey it, and the test that tries
every address as every role reads it. An applicant or a mentor holds no role: they see what is their own.
"""

REVIEWER, MANAGER, ADMINISTRATOR, AUDITOR = "Reviewer", "Program manager", "Administrator", "Auditor"

# capability -> roles that hold it
CAPABILITIES = {
    # people and institutions
    "accounts.view_user": {MANAGER, ADMINISTRATOR, AUDITOR},
    "accounts.add_user": {ADMINISTRATOR},
    "accounts.change_user": {ADMINISTRATOR},
    "accounts.view_erasurerequest": {ADMINISTRATOR},
    "accounts.erase_person": {ADMINISTRATOR},
    "accounts.view_institution": {REVIEWER, MANAGER, ADMINISTRATOR, AUDITOR},
    "accounts.add_institution": {MANAGER},
    "accounts.change_institution": {MANAGER},
    "accounts.view_alias": {REVIEWER, MANAGER, ADMINISTRATOR, AUDITOR},
    **{f"accounts.{act}_alias": {MANAGER} for act in ("add", "change", "delete")},
    # programs
    "programs.view_program": {REVIEWER, MANAGER, ADMINISTRATOR, AUDITOR},
    "programs.add_program": {MANAGER},
    "programs.change_program": {MANAGER},
    "programs.view_cycle": {REVIEWER, MANAGER, ADMINISTRATOR, AUDITOR},
    "programs.add_cycle": {MANAGER},
    "programs.change_cycle": {MANAGER},
    **{f"programs.view_{part}": {REVIEWER, MANAGER, ADMINISTRATOR, AUDITOR} for part in ("window", "rule", "question")},
    "programs.view_example": {REVIEWER, MANAGER, ADMINISTRATOR, AUDITOR},
    **{f"programs.{act}_example": {MANAGER} for act in ("add", "change", "delete")},
    **{
        f"programs.{act}_{part}": {MANAGER}
        for act in ("add", "change", "delete")
        for part in ("window", "rule", "question")
    },
    "programs.view_inquiry": {REVIEWER, MANAGER},
    "programs.answer_inquiry": {MANAGER},
    # applications
    "applications.view_application": {REVIEWER, MANAGER, AUDITOR},
    "applications.review_application": {REVIEWER, MANAGER},
    "applications.decide_application": {MANAGER},
    "applications.waive_rule": {MANAGER},
    # Recorded and not released yet, with the note. A reviewer who knew of one would read the application by it.
    "applications.see_decisions": {MANAGER, AUDITOR},
    "applications.see_confidential": {MANAGER},
    "applications.release_decisions": {MANAGER},
    "applications.offer_place": {MANAGER},
    # Counts only. Not for those who decide on applications.
    "applications.see_demographics": {AUDITOR},
    "applications.view_mentorinterest": {REVIEWER, MANAGER, AUDITOR},
    "applications.approve_mentorinterest": {MANAGER},
    # matching
    "matching.view_preferencelist": {MANAGER, AUDITOR},
    "matching.view_pairing": {MANAGER, AUDITOR},
    "matching.suggest_pairing": {MANAGER},
    "matching.propose_pairing": {MANAGER},
    "matching.view_suggestionrun": {MANAGER, AUDITOR},
    # Who reads what is said in confidence. Being one of the two is no role: see matching/models/confidences.py.
    "matching.view_confidant": {MANAGER, ADMINISTRATOR, AUDITOR},
    "matching.add_confidant": {ADMINISTRATOR},
    "matching.delete_confidant": {ADMINISTRATOR},
    # mail and history
    "notifications.view_outgoingemail": {MANAGER, ADMINISTRATOR, AUDITOR},
    "notifications.resend_outgoingemail": {MANAGER, ADMINISTRATOR},
    "notifications.view_emailtext": {MANAGER, ADMINISTRATOR, AUDITOR},
    "notifications.add_emailtext": {MANAGER},
    "notifications.change_emailtext": {MANAGER},
    # Dropping a wording brings the shipped one back; what it said stays on record.
    "notifications.delete_emailtext": {MANAGER},
    "audit.view_event": {MANAGER, ADMINISTRATOR, AUDITOR},
}
ROLES = [REVIEWER, MANAGER, ADMINISTRATOR, AUDITOR]


def may(role, capability):
    """Whether the table gives the role the capability (``app.codename``)."""
    return role in CAPABILITIES[capability]


def write_groups(sender, **kwargs):
    """Make Django's groups say what the table says. Runs after each `migrate`; idempotent."""
    from django.contrib.auth.models import Group, Permission

    labels = {tuple(capability.split(".")) for capability in CAPABILITIES}
    known = {
        (p.content_type.app_label, p.codename): p
        for p in Permission.objects.select_related("content_type")
        if (p.content_type.app_label, p.codename) in labels
    }
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        held = [known[key] for key in sorted(labels & known.keys()) if may(role, ".".join(key))]
        group.permissions.set(held)
