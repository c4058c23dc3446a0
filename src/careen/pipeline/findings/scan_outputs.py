"""The documents that a scan can be written as. The writers are imported when they are wanted: their
libraries take longer to load than a scan to print.
"""

import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.errors import InputError
from careen.evidence.vex.statements import Hardening, statements
from careen.evidence.vex.subject import VexSubject
from careen.evidence.vex.write_openvex import Authorship, to_openvex
from careen.model.package import Inventory
from careen.model.paths import ImagePath
from careen.model.triage import ScanReport
from careen.model.vex import VexStatement
from careen.oci.rootfs import Rootfs
from careen.pipeline.findings.vex import AUTHOR, code_files, scan_kind
from careen.report.scan_json import to_scan_json
from careen.report.scan_view import Listing, print_scan
from careen.report.screen import open_console

WIDTH = 160  # columns of a table that goes to a file
STANDARD_OUTPUT = Path("-")
_NO_TEMPLATE = "output template: which one? name it with --template FILE"


@dataclass(frozen=True, slots=True)
class Output:
    """One document: its format, and the file that it goes to (`-`: standard output)."""

    format: str
    path: Path


@dataclass(frozen=True, slots=True)
class Subject:
    """What a document may need beside the report: who it is about, the user's template, and the
    image's root (None for an SBOM).
    """

    vex: VexSubject
    template: Path | None = None
    rootfs: Rootfs | None = None

    def paths(self, inventory: Inventory) -> frozenset[ImagePath]:
        """Return every path that is there: of an SBOM the files that it lists."""
        if self.rootfs is not None:
            return frozenset(entry.path for entry in self.rootfs)
        return frozenset(path for package in inventory.packages.values() for path in package.files)


def parse_scan_output(text: str, format_: str | None = None) -> Output:
    """Read `FORMAT=FILE`; the FILE alone beside `--format`, as Trivy has it; a FORMAT alone, which
    goes to standard output, as Grype has it.

    Raises InputError with the formats that there are.
    """
    name, equals, path = text.partition("=")
    if equals and path and name in FORMATS:
        return Output(name, Path(path))
    if format_ is not None and text not in FORMATS:
        return Output(format_, Path(text))
    if text in FORMATS:
        return Output(text, STANDARD_OUTPUT)
    msg = f"output {text!r}: expected FORMAT=FILE, with a format out of {', '.join(FORMATS)}"
    raise InputError(msg)


def parse_scan_outputs(texts: Sequence[str], format_: str | None = None) -> tuple[Output, ...]:
    """Read several, and `--format`, which goes to standard output where no file is named for it.

    Raises InputError, before minutes of scanning, for a place that cannot be written to, and for
    two documents in one place.
    """
    outputs = [parse_scan_output(text, format_) for text in texts]
    if format_ is not None and all(output.format != format_ for output in outputs):
        outputs.append(Output(format_, STANDARD_OUTPUT))
    taken: set[Path] = set()
    for output in outputs:
        place = output.path if output.path == STANDARD_OUTPUT else output.path.absolute()
        if place in taken:
            where = "standard output" if place == STANDARD_OUTPUT else repr(str(output.path))
            msg = (
                f"output {output.format}: {where} is named twice: the second document would replace"
                " the first"
            )
            raise InputError(msg)
        if place != STANDARD_OUTPUT:
            _check_place(output.format, output.path)
        taken.add(place)
    return tuple(outputs)


def _check_place(name: str, path: Path) -> None:
    folder = path.absolute().parent
    if path.is_dir():
        msg = f"output {name}: {str(path)!r} is a directory; name a file in it"
    elif not folder.is_dir():
        msg = (
            f"output {name}: the directory of {str(path)!r} does not exist; make it first, or name"
            " another"
        )
    elif not os.access(path if path.exists() and not path.is_file() else folder, os.W_OK):
        msg = f"output {name}: {str(path)!r} cannot be written to; name another place"
    else:
        return
    raise InputError(msg)


def check_template(outputs: Sequence[Output], template: Path | None) -> None:
    """Raise InputError, before minutes of scanning, for a template without its output, an output
    without its template, and a template that cannot be read.
    """
    wanted = any(output.format == "template" for output in outputs)
    if template is None:
        if wanted:
            raise InputError(_NO_TEMPLATE)
        return
    if not wanted:
        msg = f"--template {template}: nothing is written by it; add -o template=FILE"
        raise InputError(msg)
    from careen.report.scan_template import check_syntax

    check_syntax(template)


def document(name: str, report: ScanReport, subject: Subject) -> bytes:
    """Return the report as a document of a format. Raises InputError where the format cannot say it
    (no statement in OpenVEX, no template).
    """
    return FORMATS[name](report, subject)


def _table(report: ScanReport, _subject: Subject) -> bytes:
    text = io.StringIO()
    print_scan(open_console(text, WIDTH), report, Listing(everything=True, suppressed=True))
    return text.getvalue().encode("utf-8", "backslashreplace")


def _template(report: ScanReport, subject: Subject) -> bytes:
    if subject.template is None:
        raise InputError(_NO_TEMPLATE)
    from careen.report.scan_template import render_scan

    return render_scan(report, subject.template).encode("utf-8", "backslashreplace")


def _statements(report: ScanReport, subject: Subject) -> tuple[VexStatement, ...]:
    """State what this one image shows: nothing was changed, so a finding is affected, under
    investigation, or its files are gone.
    """
    inventory, found = report.inventory, tuple(item.finding for item in report.findings)
    facts = Hardening(
        inventory, inventory, subject.paths(inventory), found, report.observed, code_files()
    )
    return statements(report.findings, facts, subject.vex, scan_kind(subject.vex))


def _cyclonedx(report: ScanReport, _subject: Subject) -> bytes:
    from careen.evidence.cyclonedx.findings import to_cyclonedx_findings

    return to_cyclonedx_findings(report)


def _cyclonedx_sbom(report: ScanReport, _subject: Subject) -> bytes:
    from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom

    return to_cyclonedx_sbom(
        report.subject, report.digest, report.inventory, created=report.created
    )


def _spdx(report: ScanReport, subject: Subject) -> bytes:
    from careen.evidence.file_checksums import file_checksums
    from careen.evidence.sbom.spdx import to_spdx_sbom

    checksums = {} if subject.rootfs is None else file_checksums(subject.rootfs, report.inventory)
    return to_spdx_sbom(
        report.subject, report.digest, report.inventory, created=report.created, checksums=checksums
    )


def _sarif(report: ScanReport, _subject: Subject) -> bytes:
    from careen.report.scan_sarif import scan_sarif

    return scan_sarif(report)


def _markdown(report: ScanReport, _subject: Subject) -> bytes:
    from careen.report.scan_markdown import scan_markdown

    return scan_markdown(report).encode("utf-8", "backslashreplace")


def _openvex(report: ScanReport, subject: Subject) -> bytes:
    return to_openvex(_statements(report, subject), subject.vex, Authorship(AUTHOR, report.created))


def _cyclonedx_vex(report: ScanReport, subject: Subject) -> bytes:
    """Point into the SBOM that `cyclonedx-sbom` writes of the same scan: Trivy applies a CycloneDX
    VEX only so.
    """
    from careen.evidence.vex.write_cyclonedx import BomLink, to_cyclonedx_vex

    sbom = json.loads(_cyclonedx_sbom(report, subject))
    link = BomLink(
        sbom["serialNumber"],
        sbom["version"],
        {item["purl"]: item["bom-ref"] for item in _all_components(sbom) if "purl" in item},
    )
    return to_cyclonedx_vex(
        _statements(report, subject), subject.vex, Authorship(AUTHOR, report.created), link
    )


def _all_components(holder: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    todo = list(holder.get("components", ()))
    while todo:
        component = todo.pop()
        yield component
        todo.extend(component.get("components", ()))


FORMATS: Mapping[str, Callable[[ScanReport, Subject], bytes]] = {
    "table": _table,
    "json": lambda report, _subject: to_scan_json(report),
    "sarif": _sarif,
    "markdown": _markdown,
    "cyclonedx": _cyclonedx,
    "cyclonedx-sbom": _cyclonedx_sbom,
    "spdx": _spdx,
    "openvex": _openvex,
    "cyclonedx-vex": _cyclonedx_vex,
    "template": _template,
}
"""Formats by the name that the user gives them, in the order in which help lists them."""
