"""Tags for pages."""

from django import template
from django.utils.safestring import mark_safe

register = template.Library()


@register.filter
def md(text: str) -> str:
    from tickets.text import to_html  # noqa: PLC0415

    return mark_safe(to_html(text))  # noqa: S308 — it is clean


@register.inclusion_tag("tickets/badge.html")
def badge(ticket):  # noqa: ANN001, ANN201
    return {"ticket": ticket}


@register.simple_tag
def when(moment, locale):  # noqa: ANN001, ANN201
    from babel.dates import format_date  # noqa: PLC0415

    return format_date(moment, "full", locale=locale)
