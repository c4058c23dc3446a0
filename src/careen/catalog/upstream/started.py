"""Whether what an image starts can start: its program, and the interpreter of a script."""

import posixpath

from careen.model.entry import Entry
from careen.model.image import ImageConfig
from careen.oci.tree.rootfs import Rootfs

_HEAD = 256
_SHOWN = 120
_PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def cannot_start(rootfs: Rootfs, config: ImageConfig) -> str:
    """Return why ENTRYPOINT or CMD cannot start, "" if it can or there is none."""
    words = (*config.entrypoint, *config.cmd)
    if not words:
        return ""
    program = _program(rootfs, words[0], config)
    if program is None:
        return f"it starts {words[0][:_SHOWN]!r}, which is not there"
    with rootfs.open(program.path) as stream:
        head = stream.read(_HEAD)
    said = head[2:].split(b"\n", 1)[0].split() if head.startswith(b"#!") else []
    interpreter = said[0].decode("utf-8", "replace") if said else ""
    if interpreter and rootfs.find(interpreter) is None:
        return f"it starts a script of {interpreter[:_SHOWN]!r}, which is not there"
    return ""


def _program(rootfs: Rootfs, word: str, config: ImageConfig) -> Entry | None:
    """Return the file of a word as a container finds it: by PATH, or by its own path."""
    if "/" in word:
        places = [posixpath.join(config.working_dir or "/", word)]
    else:
        path = config.env.get("PATH") or _PLACES
        places = [posixpath.join(each, word) for each in path.split(":") if each.startswith("/")]
    found = (rootfs.find(place) for place in places)
    return next((each for each in found if each is not None and each.is_executable), None)
