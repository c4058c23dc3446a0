"""Pages in the reader's language: Jinja with catalogues of gettext, numbers and dates by Babel."""

import datetime
from importlib.resources import files

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.support import Translations
from babel.units import format_unit
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def overview(language: str, passages: list) -> str:
    environment = Environment(
        loader=PackageLoader("papers", "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols", "papers.tags.Shown"],
    )
    environment.install_gettext_translations(Translations.load(str(files("papers").joinpath("locale")), [language]), newstyle=True)
    environment.filters["number"] = lambda value: format_decimal(value, locale=language)
    return environment.get_template("overview.html").render(
        language=language,
        count=2,
        day=format_date(datetime.date(2024, 2, 29), format="full", locale=language),
        share=format_percent(0.25, locale=language),
        size=format_unit(1536.5, "digital-kilobyte", locale=language),
        kinds=format_list(["PDF", "DOCX", "EPUB"], locale=language),
    )
