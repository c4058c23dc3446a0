"""Tickets in and out of files."""

from import_export.resources import ModelResource

from tickets.models import Ticket


class TicketResource(ModelResource):
    class Meta:
        model = Ticket
        fields = ("id", "title", "text")
