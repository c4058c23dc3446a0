"""Lines of apt as they stand in locks and evidence: keys by names and digests, not by paths."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from careen.catalog.debian.sources_machine import LINE
from careen.catalog.named_places import named_place, without_options
from careen.errors import ConfigError
from careen.tools.read_file import read_file

MAX_KEYS = 4 << 20
UNKNOWN = "unknown"
_KEYRINGS = "/usr/share/keyrings"


def named_line(line: str, own: re.Pattern[str], digest: Callable[[str], str]) -> str:
    """Return a line of apt without credentials and paths.

    A key file that `own` matches is named by its file name alone: it is the distribution's. Any
    other is FILE@DIGEST, with what `digest` says of its path.
    """
    found = LINE.fullmatch(line)
    if found is None:
        return named_place(without_options(line))
    options = " ".join(_option(word, own, digest) for word in (found[1] or "").split())
    words = ("deb", *([f"[{options}]"] if options else []), named_place(found[2]), found[3])
    return f"{' '.join(words)}{found[4].rstrip()}"


def digest_of_keys(path: str) -> str:
    """Return `sha256:…` of a key file, "unknown" if it cannot be read: then apt refuses it."""
    try:
        return f"sha256:{hashlib.sha256(read_file(Path(path), MAX_KEYS)).hexdigest()}"
    except ConfigError:
        return UNKNOWN


def unread(path: str) -> str:
    """Return "unknown": a path of a lock is of another machine, and no file here is read for it."""
    del path
    return UNKNOWN


def is_own(key: str, own: re.Pattern[str]) -> bool:
    """Say whether a key of a line, as a path or as `named_line` names it, is the distribution's."""
    return own.fullmatch(key if "/" in key else f"{_KEYRINGS}/{key}") is not None


def _option(word: str, own: re.Pattern[str], digest: Callable[[str], str]) -> str:
    name, equals, value = word.partition("=")
    if name.lower() != "signed-by" or not equals:
        return word
    return f"signed-by={','.join(_key(each, own, digest) for each in value.split(','))}"


def _key(key: str, own: re.Pattern[str], digest: Callable[[str], str]) -> str:
    if not key.startswith("/"):
        return key  # a fingerprint, or a name already
    name = key.rpartition("/")[2]
    return name if own.fullmatch(key) else f"{name}@{digest(key)}"
