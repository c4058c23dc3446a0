"""`careen scan`, `careen why IMAGE CVE`, and what `careen harden` says of findings, as commands."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from careen.model.packages.package import Ecosystem
from careen.model.patching import Blocked, BlockReason, PatchPlan, Reach, Upgrade
from careen.patch.store import write_patch_plan
from careen.rbom.store import load_rbom, write_rbom
from tests.e2e.conftest import Service
from tests.support.careen_command import Careen
from tests.support.feeds import write_feeds
from tests.support.images import file, layer, oci_layout
from tests.support.scanned_image import SITE, scanned_image

FETCH = 'curl -fsS "$BASE_URL/file/usr/share/half/used.txt"'
SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "scan-1.schema.json"


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    """An image, the RBOM of a service that imports `loader` and listens, and a database."""
    return scanned_image(tmp_path)


def by_id(document: Any) -> dict[str, Any]:
    return {item["id"]: item for item in document["findings"]}


def test_the_finding_that_runs_comes_first_with_its_reasons(careen: Careen) -> None:
    document = careen("scan", "oci:image", "--rbom", "rbom.json", "--json").document
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert [(item["id"], item["tier"], item["priority"]) for item in document["findings"]] == [
        ("CVE-2024-2001", "executed", "act"),
        ("CVE-2024-1001", "present", "track"),
    ]
    first = document["findings"][0]
    assert set(first["aliases"]) == {"GHSA-aaaa-bbbb-cccc", "PYSEC-2024-1"}
    assert first["fixed"] == ["2.0"]
    said = "; ".join(first["reasons"])
    for part in (
        "imported by /usr/bin/python3.13",
        "listens on 8000",
        "EPSS 0.94",
        "KEV",
        "fixed in 2.0",
    ):
        assert part in said
    assert document["unowned"]["files"] == 1 + 1  # os-release belongs to nobody here, too
    assert {feed["name"]: feed["date"][:10] for feed in document["feeds"] if feed["date"]}[
        "kev"
    ] == "2024-06-01"


def test_the_screen_has_the_short_list_and_names_its_sources(careen: Careen) -> None:
    screen = careen("scan", "oci:image", "--rbom", "rbom.json").out
    assert "2 findings: 1 to act on, 0 to attend to, 1 to track" in screen
    assert screen.index("CVE-2024-2001") < screen.index("present")
    assert "loader 1.5 → 2.0" in screen
    assert "CVE-2024-1001" not in screen  # one line a tier for the rest
    for source in ("debian-tracker", "osv:PyPI", "kev", "epss"):
        assert source in screen
    assert "2 files that no package owns" in screen
    assert "CVE-2024-1001" in careen("scan", "oci:image", "--rbom", "rbom.json", "--all").out


def test_without_an_rbom_nothing_is_said_about_use(careen: Careen) -> None:
    document = careen("scan", "oci:image", "--json").document
    assert {item["tier"] for item in document["findings"]} == {"not profiled"}
    assert careen.refused("scan", "oci:image", "--fail-on", "executed-critical").startswith(
        "--fail-on executed-critical: needs an RBOM"
    )


def test_gates_end_with_2_and_the_report_is_written_all_the_same(careen: Careen) -> None:
    (careen.folder / "out").mkdir()
    ended = careen(
        "scan",
        "oci:image",
        "--rbom",
        "rbom.json",
        "--fail-on",
        "executed-critical",
        "-o",
        "json=out/scan.json",
        status=2,
    )
    assert "CVE-2024-2001 in loader 1.5" in ended.out
    assert json.loads((careen.folder / "out" / "scan.json").read_text())["crossed"] != []
    careen(
        "scan",
        "oci:image",
        "--rbom",
        "rbom.json",
        "--fail-on",
        "executed-critical",
        "--ignore-unfixed",
        "--severity",
        "low",
    )
    careen("scan", "oci:image", "--rbom", "rbom.json", "--fail-on", "kev", status=2)
    for brief in ("--quiet", "--json"):
        said = careen(
            "scan", "oci:image", "--rbom", "rbom.json", "--fail-on", "kev", brief, status=2
        ).err
        assert "careen: threshold crossed: kev: 1 finding: CVE-2024-2001 in loader 1.5" in said


def test_what_is_ignored_is_not_counted_and_says_who_said_so(careen: Careen) -> None:
    (careen.folder / ".careenignore").write_text(
        'CVE-2024-2001 loader until=2099-12-31 reason="input is ours"\nCVE-2020-1 reason="gone"\n'
    )
    ended = careen("scan", "oci:image", "--rbom", "rbom.json", "--fail-on", "kev", "--json")
    assert [item["id"] for item in ended.document["findings"]] == ["CVE-2024-1001"]
    (suppressed,) = ended.document["suppressed"]
    assert (suppressed["by"], suppressed["reason"], suppressed["until"]) == (
        ".careenignore:1",
        "input is ours",
        "2099-12-31",
    )
    assert any(".careenignore:2" in warning for warning in ended.document["warnings"])


def test_every_format_is_written(careen: Careen) -> None:
    (careen.folder / "mine.j2").write_text(
        "{% for item in report.findings %}{{ item.finding.id }}\n{% endfor %}"
    )
    (careen.folder / "out").mkdir()
    formats = [
        "table",
        "json",
        "sarif",
        "markdown",
        "cyclonedx",
        "cyclonedx-sbom",
        "spdx",
        "openvex",
        "cyclonedx-vex",
        "template",
    ]
    words = [word for name in formats for word in ("-o", f"{name}=out/{name}")]
    careen("scan", "oci:image", "--rbom", "rbom.json", "--template", "mine.j2", *words)
    out = careen.folder / "out"
    assert sorted(path.name for path in out.iterdir()) == sorted(formats)
    assert (out / "template").read_text() == "CVE-2024-2001\nCVE-2024-1001\n"
    vex = json.loads((out / "openvex").read_text())
    assert {item["vulnerability"]["name"]: item["status"] for item in vex["statements"]} == {
        "CVE-2024-2001": "affected",
        "CVE-2024-1001": "under_investigation",
    }
    spdx = json.loads((out / "spdx").read_text())
    names = {item["SPDXID"]: item["fileName"] for item in spdx["files"]}
    contained = {
        names[item["relatedSpdxElement"]]
        for item in spdx["relationships"]
        if item["relatedSpdxElement"] in names
    }
    assert f"./{SITE}/loader/__init__.py" in contained
    (run,) = json.loads((out / "sarif").read_text())["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["CVE-2024-2001", "CVE-2024-1001"]


def test_an_output_that_cannot_be_made_costs_none_of_the_others(careen: Careen) -> None:
    (careen.folder / "mine.j2").write_text("\n{{ report.nothing }}")
    words = (
        "scan",
        "oci:image",
        "--rbom",
        "rbom.json",
        "-o",
        "template=x",
        "-o",
        "json=scan.json",
        "--template",
        "mine.j2",
    )
    ended = careen(*words, status=1)
    assert "2 findings: 1 to act on" in ended.out
    said = ended.complaint
    assert "output template: mine.j2:2: " in said
    assert "has no attribute 'nothing'; known: subject, digest," in said
    assert len(json.loads((careen.folder / "scan.json").read_text())["findings"]) == 2
    assert not (careen.folder / "x").exists()


def test_old_feeds_are_said_on_the_screen_and_in_every_report(careen: Careen) -> None:
    words = ("scan", "oci:image", "--rbom", "rbom.json", "-o", "sarif=s", "-o", "markdown=m")
    lines = careen(*words).out.splitlines()
    count = next(i for i, line in enumerate(lines) if line.startswith("2 findings"))
    assert lines[count + 1].startswith("OLD: ")
    said = "feeds are older than 7 days: "
    assert any(
        said in warning for warning in careen("scan", "oci:image", "--json").document["warnings"]
    )
    assert said in (careen.folder / "s").read_text()
    assert said in (careen.folder / "m").read_text()


def test_an_sbom_is_scanned_as_the_image_is(careen: Careen) -> None:
    careen("scan", "oci:image", "-o", "cyclonedx-sbom=image.cdx.json", "-o", "spdx=image.spdx.json")
    for name in ("image.cdx.json", "image.spdx.json"):
        document = careen("scan", f"sbom:{name}", "--json").document
        assert {(item["id"], item["installed"]) for item in document["findings"]} == {
            ("CVE-2024-2001", "1.5"),
            ("CVE-2024-1001", "1.0-1"),
        }


def test_an_sbom_of_the_image_takes_its_rbom(careen: Careen) -> None:
    digest_of_it = careen(
        "scan", "oci:image", "-o", "cyclonedx-sbom=image.cdx.json", "--json"
    ).document["digest"]
    bom = load_rbom(careen.folder / "rbom.json")
    (careen.folder / "rbom.json").write_bytes(
        write_rbom(replace(bom, image=replace(bom.image, manifest_digest=digest_of_it)))
    )
    document = careen("scan", "sbom:image.cdx.json", "--rbom", "rbom.json", "--json").document
    assert document["observed"]["of_this_image"] is True
    assert {item["id"]: item["tier"] for item in document["findings"]} == {
        "CVE-2024-2001": "executed",
        "CVE-2024-1001": "present",
    }


def test_another_scanners_findings_get_our_evidence(careen: Careen) -> None:
    found = {
        "VulnerabilityID": "CVE-2024-2001",
        "PkgName": "loader",
        "InstalledVersion": "1.5",
        "FixedVersion": "2.0",
        "Severity": "LOW",
        "Status": "fixed",
    }
    other = {
        "VulnerabilityID": "CVE-2024-9",
        "PkgName": "stranger",
        "InstalledVersion": "1",
        "Severity": "HIGH",
        "Status": "affected",
    }
    report = {
        "SchemaVersion": 2,
        "ArtifactName": "image",
        "ArtifactType": "container_image",
        "Results": [
            {
                "Target": "Python",
                "Class": "lang-pkgs",
                "Type": "python-pkg",
                "Vulnerabilities": [found, other],
            }
        ],
    }
    (careen.folder / "trivy.json").write_text(json.dumps(report))
    document = careen(
        "scan", "oci:image", "--rbom", "rbom.json", "--from-report", "trivy.json", "--json"
    ).document
    items = by_id(document)
    assert set(items) == {"CVE-2024-2001", "CVE-2024-9"}
    assert (items["CVE-2024-2001"]["tier"], items["CVE-2024-2001"]["severity"]) == (
        "executed",
        "low",
    )
    assert items["CVE-2024-2001"]["kev"]["added"] == "2024-05-20"
    assert any("1 of the 2 findings" in warning for warning in document["warnings"])


def test_why_tells_all_about_a_finding_and_why_another_is_none(careen: Careen) -> None:
    said = " ".join(careen("why", "oci:image", "CVE-2024-2001", "--rbom", "rbom.json").out.split())
    assert said.startswith("CVE-2024-2001 is in oci:image: loader 1.5 → 2.0, executed, to act")
    for part in (
        "GHSA-aaaa-bbbb-cccc",
        "1.5 is in [0, 2.0) of PyPI loader",
        "known to be exploited since 2024-05-20",
        "used by ransomware",
        "0.94, higher than",
    ):
        assert part in said
    assert careen("why", "oci:image", "ghsa-aaaa-bbbb-cccc", "--quiet").out.startswith(
        "GHSA-aaaa-bbbb-cccc is in oci:image: loader 1.5"
    )
    fixed = careen("why", "oci:image", "CVE-2024-2002", "--json").document
    assert fixed["findings"] == []
    assert [(item["record"], item["says"]) for item in fixed["passed"]] == [
        ("PYSEC-2024-2", "1.5 is in no affected range of PyPI loader")
    ]
    assert "is not in the database" in careen("why", "oci:image", "CVE-2031-1", status=1).out


def test_why_tells_what_a_patch_plan_of_the_image_decided(careen: Careen, tmp_path: Path) -> None:
    image = load_rbom(tmp_path / "rbom.json").image
    purl = "pkg:pypi/loader@1.5"
    upgrade = Upgrade(
        purl,
        "loader",
        Ecosystem.PYPI,
        "1.5",
        "2.1",
        "python /opt/venv",
        "loader",
        ("CVE-2024-2001",),
    )
    held = Blocked(
        "pkg:deb/debian/idle@1.0-1",
        "idle",
        "1.0-1",
        ("CVE-2024-2001",),
        BlockReason.HELD,
        "held by the image",
    )
    plan = PatchPlan(image, Reach.SECURITY, (upgrade,), (held,))
    for name, of in (
        ("patched", plan),
        ("other", replace(plan, image=replace(image, config_digest="sha256:0"))),
    ):
        (tmp_path / "careen-out" / name).mkdir(parents=True)
        (tmp_path / "careen-out" / name / "plan.json").write_bytes(write_patch_plan(of))
    (tmp_path / "careen-out" / "broken").mkdir()
    (tmp_path / "careen-out" / "broken" / "plan.json").write_bytes(
        b'{"format": "careen.patch-plan"'
    )
    said = careen("why", "oci:image", "CVE-2024-2001").out
    assert "Decided in careen-out/patched/plan.json\n" in said
    words = " ".join(said.split())
    assert "loader 1.5 pypi is upgraded to 2.1 by python /opt/venv" in words
    assert "idle 1.0-1 deb stays (held): held by the image" in words
    told = careen("why", "oci:image", "CVE-2024-2001", "--json").document["decided"]
    assert (told["source"], told["upgrades"][0]["target"]) == (
        "careen-out/patched/plan.json",
        "2.1",
    )
    assert careen("why", "oci:image", "CVE-2024-2002", "--json").document["decided"] is None
    assert "no plan found in careen-out/: run `careen harden` first" in careen.refused(
        "why", "oci:image", "/usr/bin/idle"
    )


@pytest.mark.root
def test_a_scan_needs_no_network(careen: Careen) -> None:
    words = [
        "unshare",
        "-n",
        "--",
        sys.executable,
        "-m",
        "careen",
        "scan",
        "oci:image",
        "--rbom",
        "rbom.json",
        "--json",
    ]
    done = subprocess.run(  # noqa: TID251
        words,
        cwd=careen.folder,
        env=careen.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["findings"]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scan", "oci:image", "--db", "nowhere.db"], "nowhere.db"),
        (["scan", "sbom:rbom.json"], "rbom.json"),
        (["scan", "sbom:"], "no file after 'sbom:'"),
        (["scan", "oci:image", "--report", "rbom.json"], "rbom.json"),
        (["scan", "oci:image", "--vex", "feeds/three"], "feeds/three"),
        (["scan", "oci:image", "-o", "pdf=x"], "expected FORMAT=FILE"),
        (["scan", "oci:image", "-o", "template=x"], "--template"),
        (
            ["scan", "oci:image", "--template", "rbom.json"],
            "not used; add -o template=FILE",
        ),
        (
            ["scan", "oci:image", "--template", "none.j2", "-o", "template=x"],
            "none.j2: cannot be read as a template",
        ),
        (
            ["scan", "oci:image", "-o", "sarif=x", "-o", "json=nowhere/x"],
            "the directory of 'nowhere/x' does not exist",
        ),
        (
            ["scan", "oci:image", "--only", "executed"],
            "--only executed: needs an RBOM to know what is executed",
        ),
        (["scan", "rbom.json"], "did you mean sbom:rbom.json?"),
        (["why", "oci:image", "h11"], "no plan found in careen-out/: run `careen harden` first"),
        (["scan", "oci:image", "--fail-on", "terrible"], "'terrible'"),
        (["scan", "sbom:x", "--report", "rbom.json"], "--from-report needs the image"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    careen: Careen, words: list[str], said: str
) -> None:
    assert said in careen.refused(*words)
    assert not (careen.folder / "x").exists()


def test_an_image_of_which_nothing_is_known_crosses_any_gate(careen: Careen) -> None:
    oci_layout(careen.folder / "bare", [layer(file("bin/httpd", "x" * 100, 0o755))])
    ended = careen("scan", "oci:bare", "--fail-on", "any", status=2)
    assert "findings are not known: no package was found, so nothing was compared" in ended.out
    assert "any: not known: no package was found" in " ".join(ended.out.split())
    careen("scan", "oci:bare")  # without a gate a scan says what is not known, and is done


@pytest.mark.root
@pytest.mark.runc
@pytest.mark.bpf
def test_harden_of_an_image_of_which_nothing_is_known_counts_nothing(
    offline: Careen, service: Service
) -> None:
    write_feeds(offline.folder / "feeds")
    for name in ("one", "two"):
        (offline.folder / "feeds" / name).unlink()
    offline("db", "import", "feeds")
    words = (
        "harden",
        f"docker-archive:{service.archive}",
        "--test",
        FETCH,
        "-o",
        "oci:out",
        "--report-dir",
        "report",
    )
    said = offline.refused(*words, "--fail-on", "any", status=2)
    assert "any: not known: all" in said
    assert not (offline.folder / "out").exists()
    before = offline(*words, "--json").document["original"]["findings"]
    assert (before["total"], before["critical"], before["compared"]) == (None, None, 0)
    assert before["packages"] > 0


@pytest.mark.root
@pytest.mark.runc
@pytest.mark.bpf
def test_harden_counts_both_sides_and_gates(offline: Careen, service: Service) -> None:
    write_feeds(offline.folder / "feeds")
    offline("db", "import", "feeds")
    words = (
        "harden",
        f"docker-archive:{service.archive}",
        "--test",
        FETCH,
        "-o",
        "oci:out",
        "--report-dir",
        "report",
    )
    said = offline.refused(*words, "--fail-on", "executed", status=2)
    assert said.startswith(
        "a threshold of --fail-on is crossed, nothing was promoted: executed: 1 finding:"
        " CVE-2024-1003 in service 1.0-1"
    )
    assert not (offline.folder / "out").exists()
    summary = offline(*words, "--fail-on", "executed-critical", "--json").document
    before, after = summary["original"]["findings"], summary["hardened"]["findings"]
    assert (before["total"], after["total"]) == (
        3,
        2,
    )  # idle goes whole; half's files are kept in part, so its finding stays
    assert (before["executed"], after["executed"]) == (1, 1)
    assert after["database"]["epss"].startswith("2024-06-01")
    spdx = parse_file(str(offline.folder / "report" / "sbom.spdx.json"))
    assert [each.validation_message for each in validate_full_spdx_document(spdx)] == []
    assert {each.name for each in spdx.packages} >= {"oci:out", "service", "half"}
    vex = json.loads((offline.folder / "report" / "vex.openvex.json").read_text())
    stated = {
        item["vulnerability"]["name"]: (item["status"], item.get("justification"))
        for item in vex["statements"]
    }
    assert stated["CVE-2024-1001"] == ("not_affected", "component_not_present")
    assert stated["CVE-2024-1002"][0] == "under_investigation"
    assert stated["CVE-2024-1003"][0] == "affected"
