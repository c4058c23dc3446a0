"""Tickets for those who administer."""

from django.contrib import admin
from guardian.admin import GuardedModelAdmin
from import_export.admin import ImportExportModelAdmin
from modeltranslation.admin import TabbedTranslationAdmin
from mptt.admin import MPTTModelAdmin
from simple_history.admin import SimpleHistoryAdmin

from tickets.models import Ticket, Topic
from tickets.resources import TicketResource


@admin.register(Topic)
class TopicAdmin(TabbedTranslationAdmin, MPTTModelAdmin):
    list_display = ("name",)


@admin.register(Ticket)
class TicketAdmin(ImportExportModelAdmin, SimpleHistoryAdmin, GuardedModelAdmin):
    resource_classes = (TicketResource,)
    list_display = ("title", "topic", "created")
    list_filter = ("topic", "created")
    search_fields = ("title",)
    date_hierarchy = "created"
