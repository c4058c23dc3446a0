"""How packages are called in a view."""

from urllib.parse import unquote

from careen.report.screen import Signs, shown

_JOINTS = {"npm": "/", "golang": "/", "maven": ":", "composer": "/"}


def package_name(purl: str, signs: Signs) -> str:
    """Return `NAME VERSION ECOSYSTEM` of a package-url; the text itself when it is not one. The
    name is the one by which its ecosystem knows it: with the scope of npm, the group of Maven, the
    whole path of Go; a distribution's name is none of its packages'.
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
