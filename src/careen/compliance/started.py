"""The programs that an image starts, by what its configuration and its start script say."""

from collections.abc import Iterator, Sequence

from careen.compliance.subject import Subject

# They start what follows their options, and stay as the first process.
_INITS = frozenset({"tini", "tini-static", "dumb-init", "catatonit", "docker-init"})
_WITH_VALUE = frozenset({"-p", "-e", "-r", "--rewrite"})  # options of these with a word of theirs
_SCRIPT = 1 << 20  # bytes of a start script; official images' have 20 kB
_ARGUMENTS = (b"$@", b"${@", b"$*")
_MOST = 8  # programs that start one another


def started_by(subject: Subject) -> tuple[str, ...]:
    """Return the names of the programs that the image starts, the first one first.

    An init starts the program behind its options. A script with `"$@"` starts what CMD names, as
    the start scripts of official images do.
    """
    config = subject.config
    return tuple(_names(subject, (*config.entrypoint, *config.cmd)))


def _names(subject: Subject, words: Sequence[str]) -> Iterator[str]:
    left = list(words)
    for _ in range(_MOST):
        if not left:
            return
        word = str(left.pop(0))
        name = word.rpartition("/")[2]
        yield name
        if name in _INITS:
            left = _behind_options(left)
        elif not _passes_on(subject, word, name):
            return


def _behind_options(words: Sequence[str]) -> list[str]:
    left = list(words)
    while left and left[0].startswith("-"):
        option = left.pop(0)
        if option == "--":
            break
        if option in _WITH_VALUE and left:
            left.pop(0)
    return left


def _passes_on(subject: Subject, word: str, name: str) -> bool:
    """Return whether a program is a script that mentions its own arguments."""
    places = [word] if "/" in word else [each.path for each in subject.programs.get(name, ())]
    for place in places:
        entry = subject.rootfs.walk(place).final
        if entry is not None and entry.is_file and entry.size <= _SCRIPT:
            text = subject.rootfs.read(entry.path, _SCRIPT)
            if text.startswith(b"#!") and any(mark in text for mark in _ARGUMENTS):
                return True
    return False
