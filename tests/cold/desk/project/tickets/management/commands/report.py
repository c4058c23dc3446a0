"""`report`: write an export to a file."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from tickets.models import Ticket


class Command(BaseCommand):
    def add_arguments(self, parser) -> None:
        parser.add_argument("kind", choices=settings.DESK_EXPORTS)
        parser.add_argument("target", type=Path)

    def handle(self, *args, **options) -> None:
        options["target"].write_bytes(import_string(settings.DESK_EXPORTS[options["kind"]])(Ticket.objects.all()).content())
        self.stdout.write(self.style.SUCCESS(f"wrote {options['kind']}"))
