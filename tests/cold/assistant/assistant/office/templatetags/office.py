"""Filters."""

from django import template

register = template.Library()


@register.filter
def twice(text: str) -> str:
    return text * 2
