"""Words of other languages: the service's catalogues, the distribution's tables, the system's locales."""

import datetime
import gettext
import locale
from pathlib import Path


def run(*languages):
    import babel
    from babel import dates, numbers

    for language in languages:
        catalogue = gettext.translation("desk", Path(__file__).parents[1] / "locale", [language], fallback=True)
        print(language, catalogue.gettext("an order"), catalogue.ngettext("%d day", "%d days", 3) % 3)
        print(babel.Locale.parse(language).get_display_name(), numbers.format_currency(1234.5, "EUR", locale=language))
        print(dates.format_date(datetime.date(2024, 2, 29), "full", locale=language))
    for name in ("de_DE.UTF-8", "xx_XX.UTF-8"):
        try:
            locale.setlocale(locale.LC_TIME, name)
            print(name, datetime.date(2024, 2, 29).strftime("%A"))
        except locale.Error as error:
            print(name, error)
    locale.setlocale(locale.LC_TIME, "C")
