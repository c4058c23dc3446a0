"""Tags for pages."""

from django import template
from django.utils.safestring import mark_safe

register = template.Library()


@register.filter
def md(text: str) -> str:
    from tickets.text import to_html

    return mark_safe(to_html(text))  # it is clean


@register.inclusion_tag("tickets/badge.html")
def badge(ticket):
    return {"ticket": ticket}


@register.simple_tag
def when(moment, locale):
    from babel.dates import format_date

    return format_date(moment, "full", locale=locale)
