"""The dated list of certificates: careen's own, or one of the user."""

import datetime as dt
import hashlib
import re
from importlib import resources
from pathlib import Path

from careen.errors import ConfigError
from careen.model.cryptography.certificate import Certificate, Certificates, Status
from careen.tools.read_file import read_file
from careen.tools.toml.file import load_toml
from careen.tools.toml.table import Table

FORMAT = 1
MAX_BYTES = 4 << 20
MAX_CERTIFICATES = 20_000  # the CMVP has 5,200
_KEYS = frozenset(
    {
        "builds",
        "checked",
        "environments",
        "kind",
        "module",
        "number",
        "source",
        "standard",
        "status",
        "sunset",
        "vendor",
        "versions",
    }
)
_DIGEST = re.compile(r"[0-9a-f]{64}")


def load_certificates(path: Path | None, today: dt.date) -> Certificates:
    """Return the list in a file, or careen's own for None.

    Raises ConfigError with file and line for a list of another format, a date in the future, or a
    value that is not of its kind.
    """
    if path is not None:
        return _read(path, today)
    own = resources.files("careen.cryptography").joinpath("data/certificates.toml")
    with resources.as_file(own) as place:
        return _read(place, today)


def _read(path: Path, today: dt.date) -> Certificates:
    root = load_toml(path, MAX_BYTES)
    if root.values.get("format") != FORMAT:
        root.fail(
            "format",
            f"expected {FORMAT}: this careen reads lists of certificates of format {FORMAT}",
        )
    root.only(("certificate", "date", "format", "source"))
    date = _date(root, "date", today)
    rows = root.array("certificate")
    if len(rows) > MAX_CERTIFICATES:
        root.fail("certificate", f"more than {MAX_CERTIFICATES} certificates")
    found: dict[int, Certificate] = {}
    for row in rows:
        each = _certificate(row, today)
        if each.number in found:
            row.fail("number", f"certificate {each.number} is there twice")
        found[each.number] = each
    digest = hashlib.sha256(read_file(path, MAX_BYTES)).hexdigest()
    return Certificates(date, root.text("source") or str(path), digest, tuple(found.values()))


def _certificate(row: Table, today: dt.date) -> Certificate:
    row.only(_KEYS)
    number = row.values.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        row.fail("number", "expected the number of a certificate, such as 4985")
    builds = row.texts("builds")
    if wrong := next((each for each in builds if not _DIGEST.fullmatch(each)), None):
        row.fail("builds", f"{wrong[:80]!r}: expected a SHA-256 digest of 64 hexadecimal digits")
    status = _needed(row, "status")
    if status not in {each.value for each in Status}:
        row.fail("status", f"{status[:40]!r}: expected active, historical or revoked")
    return Certificate(
        number=number,
        kind=_needed(row, "kind"),
        module=_needed(row, "module"),
        vendor=_needed(row, "vendor"),
        versions=row.texts("versions"),
        standard=_needed(row, "standard"),
        status=Status(status),
        sunset=row.date("sunset"),
        source=_needed(row, "source"),
        checked=_date(row, "checked", today),
        builds=frozenset(builds),
        environments=row.texts("environments"),
    )


def _needed(row: Table, key: str) -> str:
    text = row.text(key)
    if text is None:
        row.fail(key, "expected a text")
    return text


def _date(row: Table, key: str, today: dt.date) -> dt.date:
    """Return a date that is not in the future."""
    date = row.date(key)
    if date is None:
        row.fail(key, "expected the date on which this was checked, such as 2026-03-29")
    if date > today:
        row.fail(key, f"{date} is in the future (today is {today}): check the clock, or the list")
    return date


def age_words(certificates: Certificates, today: dt.date) -> str:
    """Return the list's date, age and number, in words."""
    days = (today - certificates.date).days
    count = len(certificates.certificates)
    many, old = ("" if number == 1 else "s" for number in (count, days))
    return (
        f"{count} certificate{many}, list of {certificates.date} ({days} day{old} old),"
        f" {certificates.source}"
    )


__all__ = ["ConfigError", "age_words", "load_certificates"]
