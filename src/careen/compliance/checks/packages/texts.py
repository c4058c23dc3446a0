"""Configuration files of package managers."""

from collections.abc import Iterator, Sequence

from careen.compliance.subject import Subject
from careen.errors import ImageError

_FILES, _BYTES = 1000, 16 << 20  # files of one kind and their bytes; Debian has 2 kB of sources


def texts_of(subject: Subject, places: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the paths and contents of files, and of the files in folders.

    Raises ImageError for more than is read of such files.
    """
    files_left, left = _FILES, _BYTES
    for place in places:
        found = subject.rootfs.walk(place).final
        if found is None:
            continue
        files = [found] if found.is_file else list(subject.rootfs.below(found.path))
        for entry in files:
            text = subject.text(entry.path) if not entry.is_dir else None
            if text is not None:
                files_left, left = files_left - 1, left - len(text)
                if files_left < 0 or left < 0:
                    msg = f"{place}: more than {_FILES} files or {_BYTES} bytes"
                    raise ImageError(msg)
                yield str(entry.path), text
