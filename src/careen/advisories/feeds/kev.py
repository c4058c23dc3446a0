"""CISA's catalogue of known exploited vulnerabilities, as JSON.

Source: cisa.gov/known-exploited-vulnerabilities-catalog.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from careen.advisories.feeds.fields import WrongField, items, mapping, text, wrong
from careen.advisories.feeds.json_lines import whole_json
from careen.advisories.feeds.port import About, Document, Head, Item, Refused
from careen.errors import InputError
from careen.model.findings.advisory import KevEntry

FEED = "kev"


class Kev:
    """Reader of the catalogue."""

    single = False

    def recognises(self, head: Head) -> bool:
        """Return whether it has `catalogVersion` and `vulnerabilities`."""
        value = head.value
        return isinstance(value, dict) and "vulnerabilities" in value and "catalogVersion" in value

    def read(self, document: Document) -> Iterator[Item]:
        """Yield each entry. Raises InputError if the number differs from the stated `count`."""
        catalogue = whole_json(document)
        if not isinstance(catalogue, dict):
            msg = f"{document.name}: not a catalogue"
            raise InputError(msg)
        try:
            entries = items(catalogue.get("vulnerabilities"), "vulnerabilities")
        except WrongField as error:
            msg = f"{document.name}: {error}"
            raise InputError(msg) from error
        count = catalogue.get("count")
        if isinstance(count, int) and count != len(entries):
            msg = (
                f"{document.name}: holds {len(entries)} entries and says that there are {count}:"
                " served half?"
            )
            raise InputError(msg)
        for number, entry in enumerate(entries):
            try:
                yield _entry(mapping(entry, "entry"))
            except WrongField as error:
                yield Refused(FEED, f"vulnerabilities[{number}]", str(error))
        date = catalogue.get("dateReleased")
        yield About(FEED, date=date if isinstance(date, str) else "")


def _entry(entry: Mapping[str, Any]) -> KevEntry:
    cve = text(entry.get("cveID"), "cveID")
    if not cve.startswith("CVE-"):
        raise wrong("cveID", "a CVE", entry.get("cveID"))
    return KevEntry(
        cve,
        text(entry.get("dateAdded"), "dateAdded"),
        text(entry.get("dueDate"), "dueDate"),
        text(entry.get("vulnerabilityName"), "vulnerabilityName"),
        text(entry.get("knownRansomwareCampaignUse"), "knownRansomwareCampaignUse") == "Known",
    )
