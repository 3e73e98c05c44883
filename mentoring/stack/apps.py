from django.apps import AppConfig


class StackConfig(AppConfig):
    name = "mentoring.stack"
    label = "stack"
    verbose_name = "the embedded stack"
