from django.core.management.base import BaseCommand
from django.template.loader import render_to_string
from django.utils import translation


class Command(BaseCommand):
    help = "A report of all orders."

    def add_arguments(self, parser):
        parser.add_argument("language")

    def handle(self, language, **options):
        from orders.models import Order

        with translation.override(language):
            self.stdout.write(render_to_string("orders/order_list.html", {"object_list": Order.objects.order_by("id"), "shop": "x"}))
            from django.utils import formats

            self.stdout.write(formats.date_format(__import__("datetime").date(2024, 2, 29)))
