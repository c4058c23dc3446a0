"""Issuers of vulnerability identifiers, and their web pages."""

from urllib.parse import quote

_SOURCES = (  # prefix, name, page
    ("CVE-", "NVD", "https://nvd.nist.gov/vuln/detail/{}"),
    ("GHSA-", "GitHub", "https://github.com/advisories/{}"),
    ("PYSEC-", "OSV", "https://osv.dev/vulnerability/{}"),
    ("GO-", "Go", "https://pkg.go.dev/vuln/{}"),
    ("RUSTSEC-", "RustSec", "https://rustsec.org/advisories/{}.html"),
    ("DSA-", "Debian", "https://security-tracker.debian.org/tracker/{}"),
    ("DLA-", "Debian", "https://security-tracker.debian.org/tracker/{}"),
    ("TEMP-", "Debian", "https://security-tracker.debian.org/tracker/{}"),
    ("DEBIAN-", "Debian", "https://osv.dev/vulnerability/{}"),
    ("USN-", "Ubuntu", "https://ubuntu.com/security/notices/{}"),
    ("RHSA-", "Red Hat", "https://access.redhat.com/errata/{}"),
    ("RHBA-", "Red Hat", "https://access.redhat.com/errata/{}"),
    ("RHEA-", "Red Hat", "https://access.redhat.com/errata/{}"),
    ("ALSA-", "AlmaLinux", "https://osv.dev/vulnerability/{}"),
    ("RLSA-", "Rocky Linux", "https://osv.dev/vulnerability/{}"),
)


def identifier_source(identifier: str) -> tuple[str, str]:
    """Return the name and page of an identifier's issuer; OSV's for unknown prefixes."""
    name, page = next(
        ((name, page) for prefix, name, page in _SOURCES if identifier.startswith(prefix)),
        ("OSV", "https://osv.dev/vulnerability/{}"),
    )
    return name, page.format(quote(identifier, safe=":"))
