"""Who may open and do what: every address of the portal, as every kind of person.

The two tables below are literal. A line for each address, a column for each person; what a capability gives to a role is
written in ``mentoring/accounts/roles.py``, and what that comes to is written here. An address that is in the URLconf and not
in the table fails, so nobody adds a page without saying who may open it.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from applications.merging import token
from applications.models import Application, PlaceOffer
from applications.models.waivers import waive
from matching.criteria import CRITERIA
from matching.models import Confidant, Hold, Pairing, PreferenceList, Scenario
from matching.models.notes import write_note
from matching.solve import solve
from mentoring.accounts.models import CareerStage, ErasureRequest, Institution
from mentoring.accounts.roles import ADMINISTRATOR, AUDITOR, CAPABILITIES, MANAGER, REVIEWER, ROLES
from mentoring.audit.models import Event
from mentoring.notifications.models import EmailText, OutgoingEmail
from programs.models import Inquiry, Program
from tests import factories

pytestmark = pytest.mark.django_db

PEOPLE = ["visitor", "stranger", "owner", "other", "mentor", "reviewer", "manager", "administrator", "auditor"]


def grid(table):
    """{address: {person: what is expected}} of a table as text.

    A line with one word says it of everyone; one with four says it of staff, and of all others that they come to the door.
    """
    rows = {}
    for line in filter(None, (line.split("#")[0].strip() for line in table.splitlines())):
        address, *cells = line.split()
        cells = {1: cells * len(PEOPLE), 4: ["door"] * 5 + cells}.get(len(cells), cells)
        assert len(cells) == len(PEOPLE), line
        assert address not in rows, line
        rows[address] = dict(zip(PEOPLE, cells, strict=True))
    return rows


# What each gets: a status, or where a redirect leads. "door" is the way to sign in, "again" asks for the password once more,
# "home" is the signed-in home, "on" any other page of the portal.
GET = grid("""
# visitor stranger owner other mentor reviewer manager administrator auditor; of the admin, the last four
programs:index                                       200
programs:program                                     200
programs:check                                       200
programs:ask                                         200
programs:asked                                       on
programs:rules                                       200
programs:rule_card                                   200
programs:dates                                       200
applications:apply                                   200   200   on    on    200   200   200   200   200
applications:mentor                                  200   200   200   200   200   200   200   200   200
applications:overview                                door  404   200   404   404   404   404   404   404
applications:review                                  door  404   200   404   404   404   404   404   404
applications:receipt                                 door  404   200   404   404   404   404   404   404
applications:receipt_pdf                             door  404   200   404   404   404   404   404   404
applications:changes                                 door  404   200   404   404   404   404   404   404
applications:place                                   door  404   200   404   404   404   404   404   404
applications:demographics                            door  404   200   404   404   404   404   404   404
applications:next_cycle                              door  200   200   200   200   200   200   200   200
applications:check_receipt                           200
applications:withdraw                                door  404   200   404   404   404   404   404   404
applications:restore                                 door  405   405   405   405   405   405   405   405
applications:section                                 door  404   200   404   404   404   404   404   404
applications:file                                    door  404   404   404   404   404   404   404   404
applications:earlier                                 door  404   200   404   404   404   404   404   404
applications:renew                                   door  on    on    on    on    on    on    on    on
applications:mentor_interest                         door  404   404   404   200   404   404   404   404
applications:change_interest                         door  405   405   405   405   405   405   405   405
matching:preferences                                 door  404   200   404   404   404   404   404   404
matching:compare                                     door  404   200   404   404   404   404   404   404
matching:list_receipt                                door  404   on    404   404   404   404   404   404
matching:pairing                                     door  404   200   404   200   404   404   404   404
matching:in_confidence                               door  404   200   404   200   404   404   404   404
matching:dates                                       door  404   404   404   404   404   404   404   404
home                                                 door  200   200   200   200   200   200   200   200
account_profile                                      door  200   200   200   200   200   200   200   200
account_data                                         door  200   200   200   200   200   200   200   200
account_data_json                                    door  200   200   200   200   200   200   200   200
account_data_pdf                                     door  200   200   200   200   200   200   200   200
account_erasure                                      door  405   405   405   405   405   405   405   405
account_institutions                                 door  200   200   200   200   200   200   200   200
account_login                                        200   home  home  home  home  home  home  home  home
account_logout                                       on    200   200   200   200   200   200   200   200
account_inactive                                     200
account_signup                                       200   home  home  home  home  home  home  home  home
account_reauthenticate                               door  200   200   200   200   200   200   200   200
account_email                                        door  200   200   200   200   200   200   200   200
account_email_verification_sent                      200
account_change_password                              door  200   200   200   200   200   200   200   200
account_set_password                                 door  on    on    on    on    on    on    on    on
account_reset_password                               200
account_confirm_login_code                           door  home  home  home  home  home  home  home  home
account_confirm_email                                200
account_reset_password_from_key_done                 200
account_reset_password_from_key                      200
account_reset_password_done                          200
mfa_index                                            door  200   200   200   200   200   200   200   200
mfa_authenticate                                     door  home  home  home  home  home  home  home  home
mfa_reauthenticate                                   door  again again again again again again again again
mfa_activate_totp                                    door  again again again again again again again again
mfa_deactivate_totp                                  door  404   404   404   404   404   404   404   404
mfa_view_recovery_codes                              door  404   404   404   404   404   404   404   404
mfa_generate_recovery_codes                          door  again again again again again again again again
mfa_download_recovery_codes                          door  404   404   404   404   404   404   404   404
mfa_list_webauthn                                    door  200   200   200   200   200   200   200   200
mfa_add_webauthn                                     door  again again again again again again again again
mfa_reauthenticate_webauthn                          door  again again again again again again again again
mfa_remove_webauthn                                  door  again again again again again again again again
mfa_edit_webauthn                                    door  again again again again again again again again
mfa_login_webauthn                                   door  home  home  home  home  home  home  home  home
usersessions_list                                    door  200   200   200   200   200   200   200   200
admin:index                                          200   200   200   200
admin:login                                          door  home  home  home  home  on    on    on    on
admin:logout                                         door  on    on    on    on    405   405   405   405
admin:password_change                                200   200   200   200
admin:password_change_done                           200   200   200   200
admin:autocomplete                                   200   200   200   200
admin:jsi18n                                         200   200   200   200
admin:view_on_site                                   on    on    on    on
admin:matching_preferencelist_changelist             403   200   403   200
admin:matching_preferencelist_add                    403   403   403   403
admin:matching_preferencelist_history                403   200   403   200
admin:matching_preferencelist_delete                 403   403   403   403
admin:matching_preferencelist_change                 403   200   403   200
admin/matching/preferencelist/<path:object_id>/      on    on    on    on
admin:matching_workbenches                           403   200   403   200
admin:matching_workbench                             403   200   403   200
admin:matching_stale                                 403   200   403   200
admin:matching_scenarios                             403   200   403   200
admin:matching_choose_scenario                       403   on    403   403
admin:matching_export                                403   on    403   403
admin:matching_gaps                                  403   200   403   200
admin:matching_news                                  403   200   403   200
admin:matching_hold                                  403   on    403   403
admin:matching_lift                                  403   on    403   403
admin:matching_note                                  403   on    403   403
admin:matching_note_off                              403   on    403   403
admin:matching_bench_mentee                          403   200   403   200
admin:matching_bench_mentor                          403   200   403   200
admin:matching_suggest                               403   on    403   403
admin:matching_propose                               403   200   403   403
admin:matching_choose                                403   200   403   403
admin:matching_end                                   403   on    403   403
admin:matching_terms                                 403   200   403   403
admin:matching_another                               403   200   403   403
admin:matching_more_time                             403   200   403   403
admin:matching_word                                  403   200   403   403
admin:matching_repairs                               403   200   403   403
admin:matching_repair                                403   200   403   403
admin:matching_pairing_changelist                    403   200   403   200
admin:matching_pairing_add                           403   403   403   403
admin:matching_pairing_history                       403   200   403   200
admin:matching_pairing_delete                        403   403   403   403
admin:matching_confidences                           404   404   404   404
admin:matching_confidant_changelist                  403   200   200   200
admin:matching_confidant_add                         403   403   200   403
admin:matching_confidant_history                     403   200   200   200
admin:matching_confidant_delete                      403   403   200   403
admin:matching_confidant_change                      403   200   200   200
admin/matching/confidant/<path:object_id>/           on    on    on    on
admin:matching_pairing_change                        403   200   403   200
admin/matching/pairing/<path:object_id>/             on    on    on    on
admin:matching_run_progress                          403   on    403   on
admin:matching_weights                               403   200   403   403
admin:matching_suggestionrun_changelist              403   200   403   200
admin:matching_suggestionrun_add                     403   403   403   403
admin:matching_suggestionrun_history                 403   200   403   200
admin:matching_suggestionrun_delete                  403   403   403   403
admin:matching_suggestionrun_change                  403   200   403   200
admin/matching/suggestionrun/<path:object_id>/       on    on    on    on
admin:applications_application_decide                403   200   403   403
admin:applications_application_undecide              403   on    403   403
admin:applications_application_verify                403   on    403   403
admin:applications_application_confidential          403   on    403   403
admin:applications_application_versions              200   200   403   200
admin:applications_demographics                      403   403   403   200
admin:applications_waivers                           403   200   403   403
admin:applications_waive                             403   200   403   403
admin:applications_take_back_waiver                  403   200   403   403
admin:applications_waitlists                         403   on    403   403
admin:applications_waitlist                          403   200   403   403
admin:applications_releases                          403   200   403   403
admin:applications_release                           403   200   403   403
admin:applications_application_changelist            200   200   403   200
admin:applications_application_add                   403   403   403   403
admin:applications_application_history               200   200   403   200
admin:applications_application_delete                403   403   403   403
admin:applications_application_change                200   200   403   200
admin/applications/application/<path:object_id>/     on    on    on    on
admin:applications_ask_mentors                       403   200   403   403
admin:applications_enter_mentor                      403   200   403   403
admin:applications_mentorinterest_decide             403   on    403   403
admin:applications_mentorinterest_changelist         200   200   403   200
admin:applications_mentorinterest_add                403   403   403   403
admin:applications_mentorinterest_history            200   200   403   200
admin:applications_mentorinterest_delete             403   403   403   403
admin:applications_mentorinterest_change             200   200   403   200
admin/applications/mentorinterest/<path:object_id>/  on    on    on    on
admin:programs_program_changelist                    200   200   200   200
admin:programs_program_add                           403   200   403   403
admin:programs_program_history                       200   200   200   200
admin:programs_program_delete                        403   403   403   403
admin:programs_program_change                        200   200   200   200
admin/programs/program/<path:object_id>/             on    on    on    on
admin:programs_cycle_changelist                      200   200   200   200
admin:programs_cycle_add                             403   200   403   403
admin:programs_cycle_history                         200   200   200   200
admin:programs_cycle_delete                          403   403   403   403
admin:programs_cycle_change                          200   200   200   200
admin:programs_cycle_overview                        200   200   200   200
admin:programs_cycle_publish                         403   200   403   403
admin:programs_cycle_next                            403   200   403   403
admin/programs/cycle/<path:object_id>/               on    on    on    on
admin:programs_rule_changelist                       200   200   200   200
admin:programs_rule_add                              403   403   403   403
admin:programs_rule_history                          200   200   200   200
admin:programs_rule_delete                           403   403   403   403
admin:programs_rule_change                           200   200   200   200
admin/programs/rule/<path:object_id>/                on    on    on    on
admin:programs_example_run                           200   200   200   200
admin:programs_example_changelist                    200   200   200   200
admin:programs_example_add                           403   on    403   403
admin:programs_example_history                       200   200   200   200
admin:programs_example_delete                        403   200   403   403
admin:programs_example_change                        200   200   200   200
admin/programs/example/<path:object_id>/             on    on    on    on
admin:programs_window_move                           403   on    403   403
admin:programs_window_extend                         403   on    403   403
admin:programs_window_grace                          403   on    403   403
admin:programs_window_changelist                     200   200   200   200
admin:programs_window_add                            403   403   403   403
admin:programs_window_history                        200   200   200   200
admin:programs_window_delete                         403   403   403   403
admin:programs_window_change                         200   200   200   200
admin/programs/window/<path:object_id>/              on    on    on    on
admin:programs_inquiry_answer                        403   on    403   403
admin:programs_inquiry_close                         403   on    403   403
admin:programs_inquiry_changelist                    200   200   403   403
admin:programs_inquiry_add                           403   403   403   403
admin:programs_inquiry_history                       200   200   403   403
admin:programs_inquiry_delete                        403   403   403   403
admin:programs_inquiry_change                        200   200   403   403
admin/programs/inquiry/<path:object_id>/             on    on    on    on
admin:notifications_outgoingemail_changelist         403   200   200   200
admin:notifications_outgoingemail_add                403   403   403   403
admin:notifications_outgoingemail_history            403   200   200   200
admin:notifications_outgoingemail_delete             403   403   403   403
admin:notifications_outgoingemail_change             403   200   200   200
admin/notifications/outgoingemail/<path:object_id>/  on    on    on    on
admin:notifications_emailtext_kinds                  403   200   200   200
admin:notifications_emailtext_preview                403   200   200   200
admin:notifications_emailtext_changelist             403   200   200   200
admin:notifications_emailtext_add                    403   200   403   403
admin:notifications_emailtext_history                403   200   200   200
admin:notifications_emailtext_delete                 403   200   403   403
admin:notifications_emailtext_change                 403   200   200   200
admin/notifications/emailtext/<path:object_id>/      on    on    on    on
admin:audit_event_changelist                         403   200   200   200
admin:audit_event_add                                403   403   403   403
admin:audit_event_history                            403   200   200   200
admin:audit_event_delete                             403   403   403   403
admin:audit_event_change                             403   200   200   200
admin/audit/event/<path:object_id>/                  on    on    on    on
admin:auth_group_changelist                          403   403   403   403
admin:auth_group_add                                 403   403   403   403
admin:auth_group_history                             403   403   403   403
admin:auth_group_delete                              403   403   403   403
admin:auth_group_change                              403   403   403   403
admin/auth/group/<path:object_id>/                   on    on    on    on
admin:auth_user_password_change                      403   403   403   403
admin:accounts_erasurerequest_decide                 403   403   on    403
admin:accounts_erasurerequest_changelist             403   403   200   403
admin:accounts_erasurerequest_add                    403   403   403   403
admin:accounts_erasurerequest_history                403   403   200   403
admin:accounts_erasurerequest_delete                 403   403   403   403
admin:accounts_erasurerequest_change                 403   403   200   403
admin/accounts/erasurerequest/<path:object_id>/      on    on    on    on
admin:accounts_user_changelist                       403   200   200   200
admin:accounts_user_add                              403   403   200   403
admin:accounts_user_history                          403   200   200   200
admin:accounts_user_delete                           403   403   403   403
admin:accounts_user_change                           403   200   200   200
admin/accounts/user/<path:object_id>/                on    on    on    on
admin:accounts_institution_changelist                200   200   200   200
admin:accounts_institution_add                       403   200   403   403
admin:accounts_institution_history                   200   200   200   200
admin:accounts_institution_delete                    403   403   403   403
admin:accounts_institution_change                    200   200   200   200
admin:accounts_institution_merge                     403   200   403   403
admin/accounts/institution/<path:object_id>/         on    on    on    on
admin:account_emailaddress_changelist                403   403   403   403
admin:account_emailaddress_add                       403   403   403   403
admin:account_emailaddress_history                   403   403   403   403
admin:account_emailaddress_delete                    403   403   403   403
admin:account_emailaddress_change                    403   403   403   403
admin/account/emailaddress/<path:object_id>/         on    on    on    on
admin:mfa_authenticator_changelist                   403   403   403   403
admin:mfa_authenticator_add                          403   403   403   403
admin:mfa_authenticator_history                      on    on    on    on
admin:mfa_authenticator_delete                       403   403   403   403
admin:mfa_authenticator_change                       403   403   403   403
admin/mfa/authenticator/<path:object_id>/            on    on    on    on
admin:usersessions_usersession_changelist            403   403   403   403
admin:usersessions_usersession_add                   403   403   403   403
admin:usersessions_usersession_history               on    on    on    on
admin:usersessions_usersession_delete                403   403   403   403
admin:usersessions_usersession_change                403   403   403   403
admin/usersessions/usersession/<path:object_id>/     on    on    on    on
admin:app_list                                       200   200   200   200
admin/(?P<url>.*)$                                   404   404   404   404
live                                                 200
ready                                                200
stack:mail_list                                      200
stack:mail_detail                                    200
stack:mail_html                                      200
""")
# The same for what changes something: "on" is done, 200 and 422 show the form again, 401 hands back what was typed by
# somebody who is not signed in.
POST = grid("""
programs:check                                200
programs:ask                                  on
applications:apply                            401   on    on    on    on    on    on    on    on
applications:mentor                           401   200   200   200   200   200   200   200   200
applications:check_receipt                    200
applications:next_cycle                       401   on    on    on    on    on    on    on    on
applications:demographics                     401   404   on    404   404   404   404   404   404
applications:place                            401   404   on    404   404   404   404   404   404
applications:review                           401   404   on    404   404   404   404   404   404
applications:withdraw                         401   404   on    404   404   404   404   404   404
applications:restore                          401   404   on    404   404   404   404   404   404
applications:section                          401   404   on    404   404   404   404   404   404
applications:file                             401   404   404   404   404   404   404   404   404
applications:earlier                          401   404   404   404   404   404   404   404   404
applications:renew                            401   on    on    on    on    on    on    on    on
applications:mentor_interest                  401   404   404   404   200   404   404   404   404
applications:change_interest                  401   404   404   404   on    404   404   404   404
matching:preferences                          401   404   on    404   404   404   404   404   404
matching:pairing                              401   404   on    404   on    404   404   404   404
matching:in_confidence                        401   404   on    404   on    404   404   404   404
account_erasure                               door  on    on    on    on    on    on    on    on
admin:accounts_erasurerequest_decide          403   403   on    403
admin:accounts_erasurerequest_add             403   403   403   403
admin:accounts_erasurerequest_delete          403   403   403   403
admin:accounts_erasurerequest_change          403   403   200   403
account_profile                               401   200   200   200   200   200   200   200   200
admin:password_change                         200   200   200   200
admin:matching_preferencelist_add             403   403   403   403
admin:matching_preferencelist_delete          403   403   403   403
admin:matching_preferencelist_change          403   403   403   403
admin:matching_scenarios                      403   on    403   403
admin:matching_choose_scenario                403   on    403   403
admin:matching_export                         403   200   403   403
admin:matching_hold                           403   on    403   403
admin:matching_lift                           403   on    403   403
admin:matching_note                           403   on    403   403
admin:matching_note_off                       403   on    403   403
admin:matching_suggest                        403   on    403   403
admin:matching_weights                        403   on    403   403
admin:matching_propose                        403   on    403   403
admin:matching_choose                         403   200   403   403
admin:matching_end                            403   on    403   403
admin:matching_terms                          403   422   403   403
admin:matching_another                        403   422   403   403
admin:matching_more_time                      403   422   403   403
admin:matching_word                           403   on    403   403
admin:matching_repair                         403   on    403   403
admin:matching_pairing_add                    403   403   403   403
admin:matching_pairing_delete                 403   403   403   403
admin:matching_confidences                    404   404   404   404
admin:matching_confidant_changelist           403   200   200   200
admin:matching_confidant_add                  403   403   200   403
admin:matching_confidant_delete               403   403   on    403
admin:matching_confidant_change               403   403   403   403
admin:matching_pairing_change                 403   200   403   200
admin:matching_suggestionrun_add              403   403   403   403
admin:matching_suggestionrun_delete           403   403   403   403
admin:matching_suggestionrun_change           403   403   403   403
admin:applications_application_decide         403   on    403   403
admin:applications_application_undecide       403   on    403   403
admin:applications_application_verify         403   on    403   403
admin:applications_application_confidential   403   200   403   403
admin:applications_demographics               403   403   403   200
admin:applications_waive                      403   200   403   403
admin:applications_take_back_waiver           403   on    403   403
admin:applications_waitlist                   403   on    403   403
admin:applications_release                    403   200   403   403
admin:applications_application_changelist     200   on    403   200
admin:applications_application_add            403   403   403   403
admin:applications_application_delete         403   403   403   403
admin:applications_application_change         200   200   403   200
admin:applications_ask_mentors                403   on    403   403
admin:applications_enter_mentor               403   422   403   403
admin:applications_mentorinterest_decide      403   on    403   403
admin:applications_mentorinterest_add         403   403   403   403
admin:applications_mentorinterest_delete      403   403   403   403
admin:applications_mentorinterest_change      200   200   403   200
admin:programs_program_add                    403   200   403   403
admin:programs_program_delete                 403   403   403   403
admin:programs_program_change                 403   200   403   403
admin:programs_cycle_publish                  403   on    403   403
admin:programs_cycle_next                     403   422   403   403
admin:programs_cycle_add                      403   200   403   403
admin:programs_cycle_delete                   403   403   403   403
admin:programs_cycle_change                   403   200   403   403
admin:programs_rule_add                       403   403   403   403
admin:programs_rule_delete                    403   403   403   403
admin:programs_rule_change                    403   200   403   403
admin:programs_example_add                    403   on    403   403
admin:programs_example_delete                 403   on    403   403
admin:programs_example_change                 403   200   403   403
admin:programs_window_move                    403   200   403   403
admin:programs_window_extend                  403   on    403   403
admin:programs_window_grace                   403   on    403   403
admin:programs_window_add                     403   403   403   403
admin:programs_window_delete                  403   403   403   403
admin:programs_window_change                  200   200   200   200
admin:programs_inquiry_answer                 403   200   403   403
admin:programs_inquiry_close                  403   on    403   403
admin:programs_inquiry_add                    403   403   403   403
admin:programs_inquiry_delete                 403   403   403   403
admin:programs_inquiry_change                 200   200   403   403
admin:notifications_outgoingemail_changelist  403   on    on    200
admin:notifications_outgoingemail_add         403   403   403   403
admin:notifications_outgoingemail_delete      403   403   403   403
admin:notifications_outgoingemail_change      403   403   403   403
admin:notifications_emailtext_add             403   on    403   403
admin:notifications_emailtext_delete          403   on    403   403
admin:notifications_emailtext_change          403   on    403   403
admin:audit_event_add                         403   403   403   403
admin:audit_event_delete                      403   403   403   403
admin:audit_event_change                      403   403   403   403
admin:auth_group_add                          403   403   403   403
admin:auth_group_delete                       403   403   403   403
admin:auth_group_change                       403   403   403   403
admin:auth_user_password_change               403   403   403   403
admin:accounts_user_add                       403   403   200   403
admin:accounts_user_delete                    403   403   403   403
admin:accounts_user_change                    403   403   200   403
admin:accounts_institution_add                403   on    403   403
admin:accounts_institution_delete             403   403   403   403
admin:accounts_institution_change             403   on    403   403
admin:accounts_institution_merge              403   200   403   403
admin:account_emailaddress_add                403   403   403   403
admin:account_emailaddress_delete             403   403   403   403
admin:account_emailaddress_change             403   403   403   403
admin:mfa_authenticator_add                   403   403   403   403
admin:mfa_authenticator_delete                403   403   403   403
admin:mfa_authenticator_change                403   403   403   403
admin:usersessions_usersession_add            403   403   403   403
admin:usersessions_usersession_delete         403   403   403   403
admin:usersessions_usersession_change         403   403   403   403
""")
REFUSED = {"401", "403", "404", "405", "door"}
OF_AN_INSTITUTION = {"kind": "other", "aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0}
POSTED = {
    "programs:ask": {"name": "Vera Visitor", "email": "vera@example.org", "situation": "May I apply?"},
    "admin:programs_inquiry_answer": {"answer": "Yes.", "move": "preview"},
    "admin:programs_inquiry_close": {"why": "Spam."},
    "admin:programs_window_grace": {"grace-minutes": "5", "grace-reason": "Slow lines."},
    "admin:accounts_institution_merge": {},
    "admin:programs_window_move": {"last_day": "2031-01-15", "last_minute": "23:59", "reason": "A storm."},
    "admin:programs_window_extend": {
        "one-email": "ill@example.org",
        "one-last_day": "2031-01-15",
        "one-last_minute": "23:59",
        "one-reason": "Ill.",
    },
    "applications:check_receipt": {"number": "000001-1", "digest": "0" * 64},
    "applications:review": factories.CONFIRMED,
    "applications:demographics": {"gender": "woman"},
    "applications:place": {"answer": "decline"},
    "admin:applications_waitlist": {"order": "on"},
    "admin:applications_waive": {"rule": "online", "reason": "Ill.", "move": "look"},
    "admin:applications_take_back_waiver": {"reason": "A mistake."},
    "applications:section": {
        "goals": "Something else.",
        "base.goals": token(factories.ANSWERS["goals"]),
        "topics": "Career planning",
    },
    "applications:change_interest": {"move": "pause"},
    "matching:in_confidence": {"words": "Somebody I know."},
    "admin:matching_confidant_delete": {"post": "yes"},
    "matching:preferences": {"hand_in": "on", "no_preference": "on"},
    "matching:pairing": {"answer": "yes", "version": "1"},
    "account_profile": {},
    "account_erasure": {"move": "ask"},
    "admin:accounts_erasurerequest_decide": {"move": "refuse", "why": "Not yet."},
    "admin:matching_suggest": {"policy": "on_list_first"},
    "admin:matching_weights": dict.fromkeys(CRITERIA, "1"),
    "admin:matching_scenarios": {"name": "Best fit", "policy": "best_fit", "longest_list": "0", "more": "1"},
    "admin:matching_end": {"why": "A mistake."},
    "admin:applications_application_decide": {"outcome": "decline", "seen": "receipt_number"},
    "admin:applications_application_verify": {"rule": "membership"},
    "admin:applications_application_changelist": {
        "action": "accept_selected",
        "_selected_action": "application",
        "confirmed": "yes",
        "seen": "receipt_number",
    },
    "admin:applications_mentorinterest_decide": {"move": "places", "places": "2"},
    "admin:notifications_outgoingemail_changelist": {
        "action": "send_again",
        "_selected_action": "outgoingemail",
        "confirmed": "yes",
    },
    "admin:notifications_emailtext_add": {
        "kind": "ApplicationReceived",
        "scope": "open_cycle_slug",
        "subject": "Received",
        "body": "Thank you, {{ name }}.",
    },
    "admin:notifications_emailtext_change": {
        "kind": "ApplicationReceived",
        "scope": "",
        "subject": "Received",
        "body": "Thank you, {{ name }}.",
    },
    "admin:notifications_emailtext_delete": {"post": "yes"},
    "admin:programs_example_delete": {"post": "yes"},
    "admin:accounts_institution_add": {"name": "Larkmoor Clinic", "country": "US", **OF_AN_INSTITUTION},
    "admin:accounts_institution_change": {"name": "Larkmoor Clinic", "country": "US", **OF_AN_INSTITUTION},
}


# --- The scene -------------------------------------------------------------------------------------------------------


@dataclass
class Scene:
    """The people, which row each address is tried with, and the folder of the mail that was sent."""

    people: dict
    rows: dict
    mail: Path

    def client(self, name, **options):
        client = Client(**options)
        if name != "visitor":
            client.force_login(self.people[name])
        return client

    def address(self, name):
        """The address of a URL name (or of a route that has none), with the rows of this scene in it."""
        if name in ADDRESSES:
            return reverse(name, args=[self.rows.get(arg, arg) for arg in ADDRESSES[name]]) + QUERIES.get(name, "")
        if name == ANY_OTHER:
            return "/admin/nowhere/"
        if "/" in name:
            return "/" + name.replace("<path:object_id>", str(self.rows[name.split("/")[2]]))
        if page := re.fullmatch(r"admin:[a-z]+_([a-z]+)_(change|history|delete)", name):
            return reverse(name, args=[self.rows[page[1]]])
        return reverse(name) + QUERIES.get(name, "")

    def filled(self, data):
        """What a form sends, with this scene's rows where a word names one."""
        return {field: self.rows.get(value, value) for field, value in data.items()}


KEPT = "00000000000000000001-abcdef01"
ANY_OTHER = "admin/(?P<url>.*)$"
# What stands in the addresses that need more than the admin's pattern; a word is looked up in the scene's rows.
ADDRESSES = {
    "programs:program": ["vmp"],
    "programs:check": ["vmp"],
    "programs:ask": ["vmp"],
    "programs:asked": ["vmp"],
    "programs:dates": ["vmp"],
    "admin:programs_window_move": ["window"],
    "admin:accounts_institution_merge": ["institution"],
    "admin:programs_window_extend": ["window"],
    "admin:programs_window_grace": ["window"],
    "admin:programs_inquiry_answer": ["inquiry"],
    "admin:programs_inquiry_close": ["inquiry"],
    "programs:rules": ["vmp"],
    "programs:rule_card": ["vmp", "card"],
    "admin:programs_example_run": ["cycle"],
    "applications:apply": ["vmp"],
    "applications:mentor": ["vmp"],
    "applications:overview": ["application"],
    "applications:review": ["application"],
    "applications:receipt": ["application"],
    "applications:receipt_pdf": ["application"],
    "applications:changes": ["application"],
    "applications:place": ["waiting"],
    "applications:next_cycle": ["vmp"],
    "applications:demographics": ["application"],
    "admin:applications_demographics": ["cycle"],
    "admin:applications_waitlist": ["third_cycle"],
    "admin:applications_waive": ["application"],
    "admin:applications_take_back_waiver": ["waiver"],
    "admin:accounts_erasurerequest_decide": ["erasurerequest"],
    "admin:applications_application_versions": ["application"],
    "applications:withdraw": ["application"],
    "applications:restore": ["application"],
    "applications:section": ["application", "answers"],
    "applications:earlier": ["application"],
    # Who may have a file that is there: tests/applications/test_files.py.
    "applications:file": ["application", 1],
    "applications:mentor_interest": ["mentorinterest"],
    "applications:change_interest": ["mentorinterest"],
    "applications:renew": ["vmp"],
    "admin:applications_ask_mentors": ["open_cycle"],
    "admin:applications_enter_mentor": ["open_cycle"],
    "matching:preferences": ["preferencelist"],
    "matching:compare": ["preferencelist"],
    "matching:list_receipt": ["preferencelist"],
    "matching:pairing": ["pairing"],
    "matching:in_confidence": ["cycle"],
    "matching:dates": ["pairing"],
    "account_confirm_email": ["no-such-key"],
    "account_reset_password_from_key": ["1", "no-such-key"],
    "mfa_remove_webauthn": [1],
    "mfa_edit_webauthn": [1],
    "admin:password_change": [],
    "admin:view_on_site": ["application_type", "application"],
    "admin:app_list": ["programs"],
    "admin:programs_cycle_overview": ["cycle"],
    "admin:programs_cycle_publish": ["cycle"],
    "admin:programs_cycle_next": ["cycle"],
    "admin:matching_workbench": ["cycle"],
    "admin:matching_stale": ["cycle"],
    "admin:matching_news": ["cycle"],
    "admin:matching_gaps": ["cycle"],
    "admin:matching_scenarios": ["cycle"],
    "admin:matching_choose_scenario": ["scenario"],
    "admin:matching_export": ["cycle"],
    "admin:matching_hold": ["cycle"],
    "admin:matching_lift": ["hold"],
    "admin:matching_note": ["unpaired"],
    "admin:matching_note_off": ["note"],
    "admin:matching_bench_mentee": ["cycle", "unpaired"],
    "admin:matching_bench_mentor": ["cycle", "mentorinterest"],
    "admin:matching_suggest": ["cycle"],
    "admin:matching_run_progress": ["suggestionrun"],
    "admin:matching_weights": ["cycle"],
    "admin:matching_propose": ["cycle"],
    "admin:matching_choose": ["unpaired"],
    "admin:matching_end": ["pairing"],
    "admin:matching_terms": ["pairing"],
    "admin:matching_another": ["pairing"],
    "admin:matching_more_time": ["pairing"],
    "admin:matching_word": ["pairing"],
    "admin:matching_repair": ["cycle"],
    "admin:applications_application_decide": ["application"],
    "admin:applications_application_undecide": ["application"],
    "admin:applications_application_verify": ["application"],
    "admin:applications_application_confidential": ["application"],
    "admin:applications_release": ["open_cycle"],
    "admin:applications_mentorinterest_decide": ["mentorinterest"],
    "admin:auth_user_password_change": ["user"],
    "stack:mail_detail": [KEPT],
    "stack:mail_html": [KEPT],
}
QUERIES = {
    "admin:autocomplete": "?app_label=accounts&model_name=institution&field_name=parent",
    "admin:notifications_emailtext_add": "?kind=ApplicationReceived",
    "admin:notifications_emailtext_preview": "?kind=ApplicationReceived",
}


@pytest.fixture
def scene(one_of_everything, settings):
    settings.MAIL_DIR = one_of_everything.mail
    return one_of_everything


@pytest.fixture(scope="module")
def one_of_everything(shared_rows, tmp_path_factory):
    """One of everything: an application handed in, a mentee with a list, a pair proposed and a run of suggestions."""
    manager = factories.staff(MANAGER, name="Morgan Manager")
    people = {"manager": manager, "stranger": factories.person("Sam Stranger")}
    for name, role in (("reviewer", REVIEWER), ("administrator", ADMINISTRATOR), ("auditor", AUDITOR)):
        people[name] = factories.staff(role, name=name.capitalize())
    people["owner"], people["other"] = factories.person("Ola Owner"), factories.person("Otis Other")
    people["mentor"] = factories.person("Maya Mentor", stage=CareerStage.PRACTICING_ONCOLOGIST)

    open_cycle, cycle = factories.cycle("vmp"), factories.cycle("dmp")
    application = factories.application(open_cycle, people["owner"], in_status="submitted")
    factories.application(open_cycle, people["other"], in_status="submitted")
    waiver = waive(application, "membership", by=manager, reason="Ill.")
    mentee = factories.application(cycle, people["owner"], in_status="accepted", manager=manager)
    unpaired = factories.application(cycle, in_status="accepted", manager=manager)
    interest = factories.interest(cycle, people["mentor"], places=1, manager=manager)
    factories.interest(cycle, places=2, manager=manager)
    pairing = factories.pairing(in_status="proposed", mentee=mentee, mentor=interest, manager=manager)
    waiting = factories.application(factories.cycle("dmp"), people["owner"], in_status="waitlisted", manager=manager)
    PlaceOffer.make(waiting, by=manager, respond_by=timezone.now() + timedelta(days=7))
    run = solve(cycle, "on_list_first", by=manager)
    inquiry = Inquiry.ask(open_cycle.program, by=None, name="Vera", email="vera@example.org", situation="May I?")
    wording = EmailText(kind="ApplicationReceived", subject="Received", body="We have it: {{ link }}")
    wording.write(by=manager)
    mail = tmp_path_factory.mktemp("mail")
    (mail / f"{KEPT}.eml").write_bytes(OutgoingEmail.objects.exclude(html="").first().as_bytes())
    rows = {
        "application": application.pk,
        "application_type": ContentType.objects.get_for_model(Application).pk,
        "card": application.latest.rules_version,
        "receipt_number": application.latest.receipt_number,
        "cycle": cycle.pk,
        "waiting": waiting.pk,
        "third_cycle": waiting.cycle_id,
        "waiver": waiver.pk,
        "emailtext": wording.pk,
        "event": Event.objects.first().pk,
        "group": Group.objects.first().pk,
        "inquiry": inquiry.pk,
        "window": open_cycle.applications_window.pk,
        "institution": Institution.objects.first().pk,
        "mentorinterest": interest.pk,
        "open_cycle": open_cycle.pk,
        "open_cycle_slug": open_cycle.slug,
        "outgoingemail": OutgoingEmail.objects.filter(kind="ApplicationReceived").first().pk,
        "pairing": pairing.pk,
        "confidant": Confidant.objects.create(number=1, person=factories.staff(name="Connie Confidant")).pk,
        "preferencelist": PreferenceList.objects.get(application=mentee).pk,
        "program": Program.objects.get(slug="vmp").pk,
        "rule": cycle.rules.first().pk,
        "example": cycle.examples.first().pk,
        "suggestionrun": run.pk,
        "scenario": Scenario.objects.create(
            cycle=cycle, name="As it is", run=solve(cycle, "best_fit", by=manager, drafts=False)
        ).pk,
        "note": write_note(unpaired, "By phone.", by=manager).pk,
        "hold": Hold.objects.create(
            cycle=cycle, application=unpaired, interest=interest, kind="ban", reason="Kin.", put_by=manager
        ).pk,
        "unpaired": unpaired.pk,
        "user": people["stranger"].pk,
        "erasurerequest": ErasureRequest.objects.create(person=people["stranger"]).pk,
        "emailaddress": people["stranger"].emailaddress_set.get().pk,
        "authenticator": 1,
        "usersession": 1,
    }
    return Scene(people, rows, mail)


def seen(response):
    """The answer in one word: a status, or where a redirect leads."""
    if response.status_code != 302:
        return str(response.status_code)
    path = response.url.split("?")[0]
    doors = {reverse("account_login"): "door", reverse("admin:login"): "door", reverse("home"): "home",
             reverse("account_reauthenticate"): "again"}  # fmt: skip
    return doors.get(path, "on")


def walk(resolver, namespace="", prefix=""):
    """Every address of the URLconf by its name, or by its route where it has none."""
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern, inner, prefix + str(pattern.pattern))
        else:
            yield f"{namespace}{pattern.name}" if pattern.name else prefix + str(pattern.pattern)


def snapshot():
    """Everything that is stored, but for sessions, which any visit may renew."""
    passing = {"Session", "UserSession"}
    return {
        model._meta.label: sorted(map(str, model._base_manager.values_list()))
        for model in apps.get_models(include_auto_created=True)
        if model.__name__ not in passing
    }


def differences(table, person, answer):
    """The addresses whose answer is not the one in the table, as a table one can read."""
    found = {name: (expected[person], answer(name)) for name, expected in table.items()}
    return {name: f"expected {wanted}, got {got}" for name, (wanted, got) in found.items() if wanted != got}


def test_every_address_is_in_the_table():
    found = set(walk(get_resolver()))
    assert found - set(GET) == set(), "These are in the URLconf and not in the table"
    assert set(GET) - found == set(), "These are in the table and not in the URLconf"
    assert set(POST) - found == set()


def test_the_staff_columns_are_the_roles_there_are():
    assert {REVIEWER, MANAGER, ADMINISTRATOR, AUDITOR} == set(ROLES)


def test_every_capability_is_one_that_django_knows():
    known = {
        f"{app}.{codename}" for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
    }
    assert set(CAPABILITIES) - known == set()


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
def test_who_may_look_at_what(scene, person):
    client = scene.client(person)
    before = snapshot()
    assert differences(GET, person, lambda name: seen(client.get(scene.address(name)))) == {}
    assert snapshot() == before, "Looking at a page changed something"


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
def test_who_may_do_what(scene, person):
    client = scene.client(person)
    before = snapshot()

    def answer(name):
        with transaction.atomic():
            got = seen(client.post(scene.address(name), scene.filled(POSTED.get(name, {}))))
            # Taken back, so that each finds the scene as it was; what a refusal left behind stays, and shows below.
            transaction.set_rollback(got not in REFUSED)
        return got

    assert differences(POST, person, answer) == {}
    assert snapshot() == before, "Something was refused and changed all the same"


@pytest.mark.parametrize("person", ["stranger", "other", "reviewer", "auditor"])
def test_a_post_to_any_other_address_changes_nothing(scene, person):
    client = scene.client(person)
    before = snapshot()
    for name in set(GET) - set(POST) - {"account_logout", "admin:logout"}:
        client.post(scene.address(name))
    assert snapshot() == before


@pytest.mark.slow
def test_staff_without_a_second_factor_get_no_further_than_setting_one_up(scene, settings):
    settings.STAFF_SECOND_FACTOR = True
    client = scene.client("manager")
    before = snapshot()
    # The admin's own sign-out is for everyone; it signs out and shows nothing.
    guarded = [name for name in GET if name.startswith(("admin:", "admin/")) and name != "admin:logout"]
    for name in guarded:
        for send in (client.get, client.post):
            response = send(scene.address(name))
            if seen(response) == "door":
                response = client.get(response.url)
            assert response.headers.get("Location") == reverse("mfa_index"), name
    assert client.get(reverse("mfa_index")).status_code == 200
    assert snapshot() == before


def test_a_transition_is_not_tried_for_who_may_not(scene):
    """The mentee and the mentor answer for themselves; staff who manage the program do not answer for them."""
    pairing = Pairing.objects.get(pk=scene.rows["pairing"])
    response = scene.client("manager").post(pairing.get_absolute_url(), {"answer": "yes", "version": 1})
    assert response.status_code == 404
    pairing.refresh_from_db()
    assert pairing.status == "proposed"


def test_an_administrator_of_the_whole_site_still_cannot_delete_what_has_a_history(scene):
    root = factories.staff(MANAGER, is_superuser=True)
    client = Client()
    client.force_login(root)
    before = snapshot()
    for model in admin.site._registry:
        if hasattr(model, "status"):
            name = f"admin:{model._meta.label_lower.replace('.', '_')}_delete"
            assert client.post(scene.address(name), {"post": "yes"}).status_code == 403, name
    assert snapshot() == before
