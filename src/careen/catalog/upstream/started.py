"""Whether what an image starts can start: its program, and the interpreter of a script."""

import posixpath

from careen.model.entry import Entry
from careen.model.image import ImageConfig
from careen.oci.tree.rootfs import Rootfs

_HEAD = 256
_SHOWN = 120
_WITH_VALUE = ("-C", "--chdir", "-u", "--unset")  # of env(1)
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
    for needed in interpreters(head):
        if _program(rootfs, needed, config) is None:
            return f"it starts a script of {needed[:_SHOWN]!r}, which is not there"
    return ""


def interpreters(head: bytes) -> list[str]:
    """Return the programs that the first line of a script names: its own, and that of env(1).

    `head` are the first bytes of a file; a file that is no script names none.
    """
    if not head.startswith(b"#!"):
        return []
    said = head[2:].split(b"\n", 1)[0].decode("utf-8", "replace").split()
    if not said or posixpath.basename(said[0]) != "env":
        return said[:1]
    words = (word.removeprefix("-S").removeprefix("--split-string=") for word in said[1:])
    for word in words:
        if word in _WITH_VALUE:
            next(words, "")
        elif word and not word.startswith("-") and "=" not in word:
            return [said[0], word]
    return said[:1]


def _program(rootfs: Rootfs, word: str, config: ImageConfig) -> Entry | None:
    """Return the file of a word as a container finds it: by PATH, or by its own path."""
    if "/" in word:
        places = [posixpath.join(config.working_dir or "/", word)]
    else:
        path = config.env.get("PATH") or _PLACES
        places = [posixpath.join(each, word) for each in path.split(":") if each.startswith("/")]
    found = (rootfs.find(place) for place in places)
    return next((each for each in found if each is not None and each.is_executable), None)
