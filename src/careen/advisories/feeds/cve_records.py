"""CISA's SSVC assessments in CVE records, as Vulnrichment and the CVE list publish them.

Source: github.com/cisagov/vulnrichment, CVE record format 5 (github.com/CVEProject/cve-schema).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from careen.advisories.feeds.fields import WrongField, mapping, mappings, text, wrong
from careen.advisories.feeds.json_lines import whole_json
from careen.advisories.feeds.port import About, Document, Head, Item, NotAboutPackages, Refused
from careen.model.findings.advisory import SsvcAssessment

FEED = "ssvc"

_PUBLISHER = "CISA-ADP"
_VALUES = {
    "Exploitation": ("none", "poc", "active"),
    "Automatable": ("no", "yes"),
    "Technical Impact": ("partial", "total"),
}


class CveRecords:
    """Reader of one record."""

    single = True

    def recognises(self, head: Head) -> bool:
        """Return whether it is a CVE record of format 5."""
        value = head.value
        return isinstance(value, dict) and value.get("dataType") == "CVE_RECORD"

    def read(self, document: Document) -> Iterator[Item]:
        """Yield the assessment of a record, if it has one."""
        try:
            record = mapping(whole_json(document), "record")
            found = list(_assessments(record))
        except WrongField as error:
            yield Refused(FEED, document.name, str(error))
            return
        if not found:
            yield NotAboutPackages("without an SSVC assessment by CISA")
            return
        _, newest = max(found, key=lambda one: _order(one[0]))
        yield newest
        yield About(FEED, date=newest.date)


def _order(timestamp: str) -> tuple[dt.datetime, str]:
    """Return what orders timestamps by their time; one that cannot be read is the oldest."""
    try:
        time = dt.datetime.fromisoformat(timestamp)
        return (time if time.tzinfo else time.replace(tzinfo=dt.UTC)), timestamp
    except ValueError:
        return dt.datetime.min.replace(tzinfo=dt.UTC), timestamp


def _assessments(record: Mapping[str, Any]) -> Iterator[tuple[str, SsvcAssessment]]:
    """Yield the assessments by CISA, each with its timestamp."""
    cve = text(mapping(record.get("cveMetadata"), "cveMetadata").get("cveId"), "cveId")
    containers = mapping(record.get("containers"), "containers")
    for where, container in mappings(containers.get("adp"), "containers.adp"):
        provider = mapping(container.get("providerMetadata"), f"{where}.providerMetadata")
        if provider.get("shortName") != _PUBLISHER:
            continue
        for place, metric in mappings(container.get("metrics"), f"{where}.metrics"):
            other = mapping(metric.get("other"), f"{place}.other")
            if other.get("type") == "ssvc":
                content = mapping(other.get("content"), f"{place}.content")
                timestamp = text(content.get("timestamp"), f"{place}.content.timestamp")
                yield timestamp, _assessment(cve, content, f"{place}.content", timestamp)


def _assessment(cve: str, content: Mapping[str, Any], where: str, timestamp: str) -> SsvcAssessment:
    stated = dict.fromkeys(_VALUES, "")
    for place, option in mappings(content.get("options"), f"{where}.options"):
        for name, value in option.items():
            if name in _VALUES:
                stated[name] = text(value, f"{place}.{name}").lower()
                if stated[name] not in _VALUES[name]:
                    raise wrong(f"{place}.{name}", " or ".join(_VALUES[name]), value)
    return SsvcAssessment(
        cve,
        stated["Exploitation"],
        stated["Automatable"],
        stated["Technical Impact"],
        timestamp[:10],
    )
