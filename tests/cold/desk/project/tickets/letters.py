"""Jinja for letters."""

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment


def environment(**options) -> Environment:
    made = Environment(extensions=["jinja2.ext.do", "jinja2.ext.i18n"], **options)
    made.globals.update(static=static, url=reverse)
    made.install_null_translations()
    return made
