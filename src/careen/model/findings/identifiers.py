"""Identifiers of vulnerabilities and advisories."""

import re

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9:.]+)+\Z")
_SCHEMES = (
    *(
        "CVE-",
        "GHSA-",
        "PYSEC-",
        "OSV-",
        "GO-",
        "RUSTSEC-",
        "MAL-",
        "JLSEC-",
        "HSEC-",
        "PSF-",
        "BIT-",
        "CGA-",
        "TEMP-",
    ),
    *("DSA-", "DLA-", "DTSA-", "DEBIAN-", "USN-", "UBUNTU-", "ALPINE-", "SUSE-", "ELSA-", "ALAS"),
    *("ALSA-", "ALBA-", "ALEA-", "RHSA-", "RHBA-", "RHEA-", "RLSA-", "RXSA-"),
)


def is_vulnerability(text: str) -> bool:
    """Return whether the text is a vulnerability or advisory identifier, not an image path."""
    return _NAME.match(text) is not None and text.upper().startswith(_SCHEMES)


def spelled(identifier: str) -> str:
    """Return an identifier in canonical case: `CVE-…` in capitals, GHSA letters in lower case."""
    head, dash, rest = identifier.partition("-")
    if head.upper() == "GHSA":
        rest = rest.lower()
    elif head.upper() in {"CVE", "PYSEC"}:
        rest = rest.upper()
    return f"{head.upper()}{dash}{rest}"
