"""Display names of packages."""

from urllib.parse import unquote

from careen.report.terminal_output.screen import Signs, shown

_JOINTS = {"npm": "/", "golang": "/", "maven": ":", "composer": "/"}


def package_name(purl: str, signs: Signs) -> str:
    """Return `NAME VERSION ECOSYSTEM` of a purl, or the text itself if it is not one.

    The name is that of the ecosystem: with npm's scope, Maven's group or Go's whole path. A
    distribution is not part of the name.
    """
    scheme, _, rest = purl.partition(":")
    ecosystem, _, path = rest.partition("?")[0].partition("#")[0].partition("/")
    if scheme != "pkg" or not path:
        return shown(purl, signs)
    namespace, _, last = path.rpartition("/")
    name, _, version = last.partition("@")
    joint = _JOINTS.get(ecosystem, "")
    whole = f"{namespace}{joint}{name}" if namespace and joint else name
    return shown(
        " ".join(part for part in (unquote(whole), unquote(version), ecosystem) if part), signs
    )
