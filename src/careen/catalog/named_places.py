"""How sources stand in locks and evidence: without credentials and without paths of a machine."""

import re

from careen.catalog.credentials import without_credentials

_LOCAL = re.compile(r"(?:((?:[a-z0-9]{1,20}\+)?(?:file|copy|cdrom)):)?(?://)?(/.*)", re.DOTALL)
_OPTIONS = re.compile(r"deb[ \t]+\[[^\[\]\n]*\][ \t]+")


def is_local(uri: str) -> bool:
    """Return whether an address is a path of this machine, also behind another method of apt."""
    return _LOCAL.fullmatch(uri) is not None or uri.startswith("cdrom:")


def named_place(uri: str) -> str:
    """Return a repository's address; one that is a path of this machine by its last part."""
    found = _LOCAL.fullmatch(uri)
    if found is None:
        return without_credentials(uri)
    last = found[2].rstrip("/").rpartition("/")[2]
    return f"{found[1] or 'file'}:{last or '/'}"


def without_options(line: str) -> str:
    """Return a source without the options of apt, which name its keys."""
    return _OPTIONS.sub("deb ", line, count=1)
