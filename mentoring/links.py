"""Addresses that stand in emails."""

from django.conf import settings


def absolute(path):
    """The whole address of a path of this site."""
    return f"{settings.SITE_URL}{path}"
