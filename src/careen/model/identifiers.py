"""The names of vulnerabilities and advisories, as people write them."""

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
    """Tell an identifier of a vulnerability or an advisory from a path of an image."""
    return _NAME.match(text) is not None and text.upper().startswith(_SCHEMES)


def spelled(identifier: str) -> str:
    """Return an identifier as its records spell it: CVE and the like in capitals, but the letters
    of a GHSA small.
    """
    head, dash, rest = identifier.partition("-")
    if head.upper() == "GHSA":
        rest = rest.lower()
    elif head.upper() in {"CVE", "PYSEC"}:
        rest = rest.upper()
    return f"{head.upper()}{dash}{rest}"
