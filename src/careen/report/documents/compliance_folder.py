"""The folder that the documents of `careen comply` go to."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from careen.errors import InputError
from careen.model.compliance.assessment import Assessment
from careen.report.directory import write_report

_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")
_LONGEST = 80


def folders_of(
    subjects: tuple[Assessment, ...], directory: Path, *, several: bool
) -> tuple[Path, ...]:
    """Return the folder of each image: one below `directory` if several were named, else itself."""
    if not several:
        return (directory,)
    names = [_name(each) for each in subjects]
    return tuple(
        directory / (name if names.count(name) == 1 else f"{name}-{_digest(each)}")
        for name, each in zip(names, subjects, strict=True)
    )


def write_documents(folder: Path, documents: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write the documents of one image; those of the same names are replaced.

    Raises InputError if the folder cannot be written.
    """
    write_report(folder, documents)
    return tuple(folder / name for name in documents)


def check_folder(directory: Path) -> None:
    """Raise InputError if the directory is something else, before the work is done."""
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        msg = f"--report-dir {str(directory)!r}: is no directory; name another place"
        raise InputError(msg)


def _name(assessment: Assessment) -> str:
    return _UNFIT.sub("_", assessment.subject).strip("._-")[:_LONGEST] or "image"


def _digest(assessment: Assessment) -> str:
    whole = f"{assessment.subject}\0{assessment.digest}".encode("utf-8", "surrogateescape")
    return hashlib.sha256(whole).hexdigest()[:12]
