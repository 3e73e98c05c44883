from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "mentoring.accounts"
    label = "accounts"
    verbose_name = "people and institutions"

    def ready(self):
        from mentoring.accounts import roles

        # Each app tells of its migration, and makes its permissions then: with the last one all of them are there.
        last = [app for app in apps.get_app_configs() if app.models_module][-1]
        post_migrate.connect(roles.write_groups, sender=last)
