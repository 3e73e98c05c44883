from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    name = "mentoring.notifications"
    label = "notifications"
    verbose_name = "mail"

    def ready(self):
        # Every kind of email is known as soon as the portal runs, so that staff can see and word them all.
        autodiscover_modules("emails")
