"""Pages' words in the reader's language."""

from pathlib import Path

from babel import Locale, dates, negotiate_locale, numbers
from fluent.runtime import FluentLocalization, FluentResourceLoader

HERE = Path(__file__).parent / "words"


def words_of(accept: str) -> tuple[FluentLocalization, Locale]:
    wanted = [part.split(";")[0].strip() for part in accept.split(",") if part.strip()]
    found = negotiate_locale(wanted, [item.name for item in HERE.iterdir()], sep="-") or "en"
    loader = FluentResourceLoader(str(HERE / "{locale}"))
    return FluentLocalization([found, "en"], ["main.ftl"], loader), Locale.parse(found)


def dressed(locale: Locale) -> dict[str, str]:
    import datetime

    return {
        "day": dates.format_date(datetime.date(2026, 3, 4), "full", locale=locale),
        "price": numbers.format_currency(1234.5, "EUR", locale=locale),
    }
