"""Where earlier runs left their files, for verbs that ask about an image."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from careen.workload.configuration.project import ProjectConfig


def rboms_of(given: Mapping[str, Any], project: "ProjectConfig") -> tuple[tuple[Path, ...], bool]:
    """Return RBOMs that may be of the image, newest first, and whether it must be the named one."""
    named = given["rbom"] or (
        given["report_dir"] / "rbom.json" if given["report_dir"] is not None else None
    )
    if (
        given["rbom"] is None
        and named is not None
        and not named.is_file()
        and (named.parent / "patch.json").is_file()
    ):
        named = None  # the report of `careen patch`, which profiles nothing
    if named is not None:
        return (named,), True
    reports = (
        [project.report_dir / "rbom.json"]
        if project.report_dir is not None
        else sorted(in_reports("rbom.json"), key=age)
    )
    return tuple(path for path in reports if path.is_file()), False


def planned_reports() -> "list[Path]":
    """Return the report directories with a plan and its RBOM, newest first. Raises OSError."""
    # Not those of `careen patch`, which removes nothing.
    plans = (file for file in in_reports("plan.json") if file.with_name("rbom.json").is_file())
    return [file.parent for file in sorted(plans, key=age)]


def in_reports(name: str) -> "list[Path]":
    """Return the files of this name in report directories. Raises OSError.

    `glob` takes a directory that may not be read for an empty one.
    """
    from careen.cli import settle

    try:
        folders = sorted(settle.REPORTS.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = []
    for file in (folder / name for folder in folders):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            file.stat()
            found.append(file)
    return found


def age(file: Path) -> float:
    """Return the sort key for the newest first."""
    return -file.stat().st_mtime
