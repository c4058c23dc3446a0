"""The admin's pages."""

from django.contrib import admin

from assistant.office.models import Cup


@admin.register(Cup)
class CupAdmin(admin.ModelAdmin):
    list_display = ("what", "made")
    search_fields = ("what",)
    date_hierarchy = "made"
