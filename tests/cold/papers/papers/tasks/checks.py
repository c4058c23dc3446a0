"""Checks of an installation: entry points of the group `papers.checks`."""

import shutil
from importlib.metadata import entry_points, requires, version


def database() -> str:
    from papers import store

    return f"database {store.alive()}"


def tools() -> str:
    return "tools " + " ".join(f"{name}:{bool(shutil.which(name))}" for name in ("tesseract", "pdftotext", "gs", "qpdf", "java", "soffice"))


def all_checks() -> dict:
    return {point.name: point.load()() for point in entry_points(group="papers.checks")}


def versions(names: list[str]) -> dict:
    return {
        "versions": [bool(version(name)) for name in names],
        "requires": requires("papers-extra"),
        "readers": sorted(point.name for point in entry_points(group="papers.readers")),
    }
