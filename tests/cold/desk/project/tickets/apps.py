"""The app, its signals and its checks."""

from django.apps import AppConfig


class Tickets(AppConfig):
    name = "tickets"
    verbose_name = "Tickets"

    def ready(self) -> None:
        from tickets import checks, signals  # after the models
