"""What of an image was not compared with advisories: then "no finding" says nothing."""

from careen.model.findings.triage import ScanReport
from careen.model.packages.package import Ecosystem

NO_FEED = "the database of advisories has no feed: run `careen db update`"
_SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})
_SHOWN = 3  # problems that a reason lists


def not_compared(report: ScanReport) -> str:
    """Return what was not compared and why, or "" if all that the image has was."""
    if not report.feeds:
        return NO_FEED
    packages = report.inventory.packages.values()
    if not packages:
        return "no package is recorded in the image: nothing was compared"
    if report.inventory.distribution is not None and not any(
        each.ecosystem in _SYSTEM for each in packages
    ):
        # A deleted package database must not pass for a clean image.
        return "the image names its distribution, and no package of it is recorded"
    if report.uncovered:
        listed = "; ".join(f"{each.what}: {each.reason}" for each in report.uncovered)
        return f"not all packages could be compared: {listed}"
    if report.problems:
        listed = "; ".join(report.problems[:_SHOWN])
        return f"{len(report.problems)} versions could not be compared: {listed}"
    return ""
