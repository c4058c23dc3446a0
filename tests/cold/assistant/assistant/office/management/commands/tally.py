"""Count the cups."""

from django.core.management.base import BaseCommand

from assistant.office.models import Cup


class Command(BaseCommand):
    help = "Count the cups."

    def handle(self, **options: object) -> None:
        self.stdout.write(f"{Cup.objects.count()} cups")
