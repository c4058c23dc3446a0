"""Terminal view of `careen why IMAGE PACKAGE`."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from careen.model.packages.package_explanation import Extent, PackageExplanation, PackagesExplained
from careen.report.names import package_name
from careen.report.terminal_output.figures import counted, number, size
from careen.report.terminal_output.screen import Signs, shown, signs_of
from careen.report.terminal_output.tables import put, section, table

TOP = 20
_STYLE = {
    Extent.WHOLE: "bold green",
    Extent.PART: "bold yellow",
    Extent.NONE: "bold red",
    Extent.NO_FILES: "bold",
}


def print_packages(console: Console, explained: PackagesExplained) -> None:
    """Print one line for each of several packages, or everything about a single one."""
    signs = signs_of(console)
    for package in explained.packages:
        put(console, package_line(package, signs))
    if len(explained.packages) > 1:
        console.print()
        put(console, Text("name one of them for its files and dependents", style="dim"))
        return
    (package,) = explained.packages
    section(console, "Needed by", table(_needed(package, signs), right=(0,), fill=1))
    section(console, "Files kept", table(_kept(package, signs), right=(0,), fill=1))
    section(console, "Vulnerabilities of the original", table(_findings(package, signs), fill=3))


def package_line(package: PackageExplanation, signs: Signs) -> Text:
    """Return the answer in one line."""
    if package.extent is Extent.NO_FILES:
        rest = ": it has nothing to keep or remove"
    elif package.extent is Extent.PART:
        rest = (
            f": {number(package.files_kept)} of {counted(package.files, 'file')},"
            f" {size(package.bytes_kept)} of {size(package.bytes)}"
        )
    else:
        rest = f": {counted(package.files, 'file')}, {size(package.bytes)}"
    verb = " " if package.extent is Extent.NO_FILES else " is "
    return Text.assemble(
        (package_name(package.purl, signs), "bold"),
        verb,
        (package.extent.value, _STYLE[package.extent]),
        rest,
        overflow="fold",
    )


def _needed(package: PackageExplanation, signs: Signs) -> Iterator[tuple[str, str]]:
    for each in package.needed_by[:TOP]:
        yield (
            counted(each.files, "file"),
            shown(f"{each.detail or each.code} ({each.code})" if each.detail else each.code, signs),
        )
    if len(package.needed_by) > TOP:
        yield signs.ellipsis, counted(len(package.needed_by) - TOP, "more reason")


def _kept(package: PackageExplanation, signs: Signs) -> Iterator[tuple[str, str]]:
    for file in package.kept[:TOP]:
        yield size(file.size), shown(file.path, signs)
    if len(package.kept) > TOP:
        yield signs.ellipsis, f"{number(len(package.kept) - TOP)} more: --json lists them"


def _findings(package: PackageExplanation, signs: Signs) -> Iterator[tuple[str, str, str, str]]:
    if package.findings is None:
        yield "unknown: no report of this image has findings; run `careen scan`", "", "", ""
        return
    if not package.findings:
        yield "nothing", "", "", ""
    for each in package.findings[:TOP]:
        yield (
            shown(each.identifier, signs),
            shown(each.severity, signs),
            shown(each.tier, signs),
            shown(f"fixed in {each.fixed}" if each.fixed else "no fix", signs),
        )
    if len(package.findings) > TOP:
        yield signs.ellipsis, "", "", f"{number(len(package.findings) - TOP)} more"
