"""How packages are called in a view."""

from urllib.parse import unquote

from careen.report.screen import Signs, shown


def package_name(purl: str, signs: Signs) -> str:
    """Return `NAME VERSION ECOSYSTEM` of a package-url; the text itself when it is not one."""
    scheme, _, rest = purl.partition(":")
    ecosystem, _, path = rest.partition("?")[0].partition("#")[0].partition("/")
    if scheme != "pkg" or not path:
        return shown(purl, signs)
    name, _, version = path.rpartition("/")[2].partition("@")
    return shown(" ".join(part for part in (unquote(name), unquote(version), ecosystem) if part), signs)
