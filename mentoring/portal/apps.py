from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "mentoring.portal"
    label = "portal"
    verbose_name = "the portal"

    def ready(self):
        from mentoring.portal import dashboard

        dashboard.connect()
