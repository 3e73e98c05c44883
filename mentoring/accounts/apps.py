from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "mentoring.accounts"
    label = "accounts"
    verbose_name = "people and institutions"

    def ready(self):
        from mentoring.accounts import roles

        post_migrate.connect(roles.write_groups)
