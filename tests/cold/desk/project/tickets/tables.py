"""Tickets as a table."""

import django_tables2

from tickets.models import Ticket


class TicketTable(django_tables2.Table):
    class Meta:
        model = Ticket
        fields = ("title", "topic", "created")
