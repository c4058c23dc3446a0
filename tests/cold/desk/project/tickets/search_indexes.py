"""Tickets for haystack."""

from haystack import indexes

from tickets.models import Ticket


class TicketIndex(indexes.SearchIndex, indexes.Indexable):
    text = indexes.CharField(document=True, model_attr="text")
    title = indexes.CharField(model_attr="title")

    def get_model(self):
        return Ticket
