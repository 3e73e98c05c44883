"""The admin, served by our own site."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "mentoring.staff.StaffSite"
