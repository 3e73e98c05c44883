"""The settings of the tests: those of the portal, but for what only costs time in a test."""

from mentoring.settings import *  # noqa: F403 (all of them, so that the two cannot drift apart)
from mentoring.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
# The tests' database may be emptied between tests, its history included; see the guard in the audit's migrations.
DATABASES["default"]["OPTIONS"]["options"] += " -c mentoring.history_may_be_emptied=on"
# Every test client would read the whole folder of collected files anew.
WHITENOISE_AUTOREFRESH = True
