"""Pages of finished runs as a browser opens them: a small one, and one of an image's usual size."""

import json
from dataclasses import replace
from pathlib import Path

from careen.model.compliance.assessment import Compliance
from careen.model.cryptography.fips import Expected, FipsProbe, FipsProof, FipsReport, Provider
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.pipeline.report import read_report
from careen.report.documents.comply import comply_json
from careen.report.documents.fips import fips_json
from careen.report.finished.page import report_html
from tests.support import crypto_images as crypto
from tests.support.compliance import assessment, subject
from tests.support.finished_run import finished_run
from tests.support.images import file

GOLDEN_SCAN = Path(__file__).parents[1] / "golden" / "report" / "scan.json"
SITE = "/usr/lib/python3.13/site-packages"
DISTRIBUTIONS = 60
_USES = (Use.EXECUTED, Use.MAPPED, Use.OPENED, None, None)

Files = dict[str, tuple[str, Use | None]]


def small_files() -> Files:
    """Return one package, with a file of each kind of evidence."""
    return {
        **_distribution("shop", ("shop/main.py", "shop/fast.so", "shop/data.txt", "shop/idle.py")),
        f"{SITE}/shop/main.py": ("m" * 500, Use.EXECUTED),
        f"{SITE}/shop/fast.so": ("f" * 4000, Use.MAPPED),
        f"{SITE}/shop/data.txt": ("d" * 900, Use.OPENED),
        "/usr/bin/run": ("#!/bin/sh\n", Use.EXECUTED),
        "/gone/big": ("g" * 3000, None),
    }


def large_files(count: int) -> Files:
    """Return `count` files: of 60 packages of all kinds of evidence, and removed ones of none."""
    out: Files = {}
    inside = count * 2 // 3
    for number in range(DISTRIBUTIONS):
        name = f"pack{number}"
        modules = tuple(
            f"{name}/part{at % 12}/module_{at}.py"
            for at in range(inside // DISTRIBUTIONS - 2)  # METADATA and RECORD are files, too
        )
        out |= _distribution(name, modules)
        out |= {
            f"{SITE}/{module}": ("x" * (at * 7 % 3000), _USES[(at + number) % len(_USES)])
            for at, module in enumerate(modules)
        }
    for at in range(count - len(out)):
        out[f"/gone/share/d{at % 40}/file-{at}"] = ("y" * (at % 900), None)
    return out


def page_of(folder: Path, files: Files, findings: int, *, compliance: bool = False) -> Path:
    """Write the report of a run with its findings, and return the path of its page.

    `compliance`: with an assessment of the result, and FIPS mode.
    """
    report = finished_run(folder, files)
    if compliance:
        _assess(folder, report)
    scan = json.loads(GOLDEN_SCAN.read_text())
    first = scan["findings"][0]
    others = ({**first, "id": f"CVE-2025-{10000 + number}"} for number in range(1, findings))
    scan["findings"] = [first, *({**each, "name": "zlib", "severity": "low"} for each in others)]
    (report / "findings-hardened.json").write_text(json.dumps(scan))
    path = report / "report.html"
    path.write_bytes(report_html(read_report(report)))
    return path


def _assess(folder: Path, report: Path) -> None:
    digest = json.loads((report / "summary.json").read_bytes())["hardened"]["digest"]
    with subject(folder / "assessed", file("usr/bin/x", "x", mode=0o4755)) as image:
        found = replace(assessment(image, "cis-docker", "stig-gpos"), digest=digest)
    (report / "comply.json").write_bytes(comply_json(Compliance((found,))))
    provider = Provider(ImagePath("/m/fips.so"), "3.1.2", "a" * 64, "AA", "the image has it")
    probes = (
        FipsProbe("a", "MD5 of openssl", Expected.BLOCKED, "is blocked", passed=True),
        FipsProbe("b", "MD5 of Python itself", Expected.SHOWN, "works", passed=None),
    )
    told = FipsReport(
        *("x", digest, "2026-11-30", "7 certificates", "b" * 64, provider, {}),
        crypto.inspect(crypto.fips_root()),
        FipsProof("docker", probes),
        ("a note",),
        4985,
    )
    (report / "fips.json").write_bytes(fips_json(told))


def _distribution(name: str, modules: tuple[str, ...]) -> Files:
    record = "".join(f"{path},,\n" for path in modules)
    info = f"{SITE}/{name}-1.0.dist-info"
    return {
        f"{info}/METADATA": (f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", Use.OPENED),
        f"{info}/RECORD": (record, None),
        **{f"{SITE}/{path}": ("i" * 100, None) for path in modules},
    }
