"""Documents that a scan can be written as."""

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
from careen.model.findings.triage import ScanReport
from careen.model.findings.vex import VexStatement
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.findings.vex import AUTHOR, code_files, scan_kind
from careen.report.documents.scan import to_scan_json
from careen.report.scan.view import Listing, print_scan
from careen.report.terminal_output.screen import open_console
from careen.triage.parts import BY_PARTS, Parts

# Writers are imported on use: their libraries load slower than a scan prints.
WIDTH = 160  # columns of a table that goes to a file
STANDARD_OUTPUT = Path("-")
_NO_TEMPLATE = "output template: expected --template FILE"


@dataclass(frozen=True, slots=True)
class Output:
    """One document: its format, and the file that it goes to (`-`: standard output)."""

    format: str
    path: Path


@dataclass(frozen=True, slots=True)
class Subject:
    """What a document may need beside the report; `rootfs` is None for an SBOM."""

    vex: VexSubject
    template: Path | None = None
    rootfs: Rootfs | None = None

    def paths(self, inventory: Inventory) -> frozenset[ImagePath]:
        """Return every path of the image, or every file that the SBOM lists."""
        if self.rootfs is not None:
            return frozenset(entry.path for entry in self.rootfs)
        return frozenset(path for package in inventory.packages.values() for path in package.files)


def parse_scan_output(text: str, format_: str | None = None) -> Output:
    """Parse `FORMAT=FILE`, a FILE beside `--format` (as Trivy), or a FORMAT alone (as Grype).

    A FORMAT alone goes to standard output. Raises InputError with the known formats.
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
    """Parse several outputs; `--format` without a file goes to standard output.

    Raises InputError for a place that cannot be written to, and for two documents in one place.
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
    """Check that a template and the output `template` were given together, and that it parses.

    Raises InputError.
    """
    wanted = any(output.format == "template" for output in outputs)
    if template is None:
        if wanted:
            raise InputError(_NO_TEMPLATE)
        return
    if not wanted:
        msg = f"--template {template}: not used; add -o template=FILE"
        raise InputError(msg)
    from careen.report.scan.template import check_syntax

    check_syntax(template)


def document(name: str, report: ScanReport, subject: Subject) -> bytes:
    """Return the report as a document of a format.

    Raises InputError if the format cannot express it (no statement for OpenVEX, no template).
    """
    return FORMATS[name](report, subject)


def _table(report: ScanReport, _subject: Subject) -> bytes:
    text = io.StringIO()
    print_scan(open_console(text, WIDTH), report, Listing(everything=True, suppressed=True))
    return text.getvalue().encode("utf-8", "backslashreplace")


def _template(report: ScanReport, subject: Subject) -> bytes:
    if subject.template is None:
        raise InputError(_NO_TEMPLATE)
    from careen.report.scan.template import render_scan

    return render_scan(report, subject.template).encode("utf-8", "backslashreplace")


def _statements(report: ScanReport, subject: Subject) -> tuple[VexStatement, ...]:
    """Return the VEX statements about one unchanged image.

    A finding is affected, under investigation, or its files or its code are not there.
    """
    inventory = report.inventory
    absent = (each.triaged for each in report.suppressed if each.by == BY_PARTS)
    items = (*report.findings, *absent)
    facts = Hardening(
        inventory,
        inventory,
        subject.paths(inventory),
        tuple(item.finding for item in items),
        report.observed,
        code_files(),
        Parts(inventory).lacking,
    )
    return statements(items, facts, subject.vex, scan_kind(subject.vex))


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
    from careen.report.scan.sarif import scan_sarif

    return scan_sarif(report)


def _markdown(report: ScanReport, _subject: Subject) -> bytes:
    from careen.report.scan.markdown import scan_markdown

    return scan_markdown(report).encode("utf-8", "backslashreplace")


def _openvex(report: ScanReport, subject: Subject) -> bytes:
    return to_openvex(_statements(report, subject), subject.vex, Authorship(AUTHOR, report.created))


def _cyclonedx_vex(report: ScanReport, subject: Subject) -> bytes:
    from careen.evidence.vex.write_cyclonedx import BomLink, to_cyclonedx_vex

    # Trivy applies a CycloneDX VEX only if it links to the SBOM of the same scan.
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
"""Formats by the user's name for them, in the order of `--help`."""
