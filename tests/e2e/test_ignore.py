"""`careen ignore`: entries with the evidence of an image, and a list that is pruned for it."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.support.careen_command import Careen
from tests.support.scanned_image import scanned_image
from tests.support.schemas import file_of

IDLE, RUNS = "CVE-2024-1001", "CVE-2024-2001"
LISTS = (".careenignore", ".trivyignore", ".trivyignore.yaml", ".grype.yaml", "l.yaml", "l.json")
OLD = f"""# ours
CVE-2024-2002 loader reason="fixed long ago"
{IDLE} until=2026-12-05 reason="ends soon"
CVE-2031-1 reason="nobody knows it"
CVE-2024-1003 reason="another image's"
{RUNS} review_by=2026-01-01 reason="nobody looked"
"""


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    scene = scanned_image(tmp_path)
    return Careen(tmp_path, {**scene.env, "SOURCE_DATE_EPOCH": "1796000000"})  # 2026-11-30


def text(careen: Careen, name: str) -> str:
    return (careen.folder / name).read_text()


def test_a_proposal_is_printed_and_written_only_on_request(careen: Careen) -> None:
    words = ("ignore", "oci:image", IDLE, "--rbom", "rbom.json")
    printed = careen(*words)
    assert printed.out.startswith(
        f'{IDLE}  idle  review_by=2027-02-28  reason="present: not seen to be used; '
    )
    assert printed.out.endswith(' (careen, 2026-11-30)"\n')
    assert "1 entry, not written; add --write .careenignore" in printed.err
    assert not (careen.folder / ".careenignore").exists()
    careen(*words, "--write", ".careenignore")
    assert text(careen, ".careenignore") == printed.out
    again = careen(*words, "--write", ".careenignore")
    assert (again.out, again.complaint.splitlines()[-2:]) == (
        "",
        [f"{IDLE} has an entry at .careenignore:1", "nothing to add"],
    )
    assert text(careen, ".careenignore") == printed.out
    scan = careen("scan", "oci:image", "--rbom", "rbom.json", "--json").document
    assert [(one["by"], one["review_by"], one["until"]) for one in scan["suppressed"]] == [
        (".careenignore:1", "2027-02-28", "2027-03-14")
    ]


@pytest.mark.parametrize("name", LISTS)
def test_a_written_entry_is_read_by_a_scan(careen: Careen, name: str) -> None:
    reason = ("--reason", "only our own files are loaded")
    words = ("ignore", "oci:image", RUNS, "--rbom", "rbom.json", "--write", name, *reason)
    careen(*words, "--review-by", "2027-02-01")
    scan = careen(
        *("scan", "oci:image", "--rbom", "rbom.json", "--ignore-file", name, "--json")
    ).document
    (found,) = scan["suppressed"]
    assert found["finding"]["id"] == RUNS
    assert found["reason"].startswith("only our own files are loaded (executed: imported by /usr")
    trivys = name.startswith(".trivy")
    assert (found["review_by"], found["until"]) == (
        (None, "2027-01-31") if trivys else ("2027-02-01", "2027-02-15")
    )
    assert [warning for warning in scan["warnings"] if name in warning] == []


def test_what_runs_and_is_exploited_needs_a_persons_reason(careen: Careen) -> None:
    said = careen.refused(
        *("ignore", "oci:image", RUNS, "--rbom", "rbom.json", "--write", ".careenignore")
    )
    assert said.startswith(f"{RUNS} in oci:image: it is executed and known to be exploited (CISA's")
    assert said.endswith("say why it may stay with --reason TEXT")
    assert "not profiled and known" in careen.refused("ignore", "oci:image", RUNS)
    assert not (careen.folder / ".careenignore").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("CVE-2024-2002",), "does not affect oci:image, so it needs no entry: 1.5 is in no"),
        (("CVE-2024-1003",), "is not a finding of oci:image, so it needs no entry"),
        (("CVE-2031-1",), "is not in the database, so it is not known whether it is in oci:image"),
        (("loader",), "'loader' is not the identifier of a vulnerability"),
        ((), "name a vulnerability to excuse (CVE-…), or give --prune"),
        ((IDLE, "--prune"), "name a vulnerability to excuse (CVE-…), or give --prune"),
        (("--prune", "--reason", "x"), "--reason is for a proposal, not for --prune"),
        (("--prune",), "no list to prune: there is no .careenignore here"),
        (("--prune", "--write", "missing"), "missing: cannot be read"),
        ((IDLE, "--review-by", "soon"), "--review-by: DATE: expected a day that exists"),
        ((IDLE, "--review-by", "2026-11-29"), "--review-by 2026-11-29 has passed"),
        ((IDLE, "--write", "a", "--ignore-file", "b"), "--write and --ignore-file name two lists"),
        ((IDLE, "--write", "values.yaml"), "values.yaml: not an allow-list that careen knows"),
        ((IDLE, "--write", "flow.yaml"), "flow.yaml: careen changes only lists with one `- `"),
    ],
)
def test_what_cannot_be_done_is_one_line(careen: Careen, words: tuple[str, ...], said: str) -> None:
    (careen.folder / "values.yaml").write_text("replicas: 3\n")
    (careen.folder / "flow.yaml").write_text("[{id: CVE-1, reason: x}]\n")
    before = sorted(path.name for path in careen.folder.iterdir())
    assert said in careen.refused("ignore", "oci:image", *words)
    assert set(before) >= {path.name for path in careen.folder.iterdir()} - {"work"}


def test_a_list_that_would_come_out_changed_is_left_alone(careen: Careen) -> None:
    text = "vulnerabilities:\n- id: CVE-1\n  statement: |\n    x\n    # y\n"
    (careen.folder / ".trivyignore.yaml").write_text(text)
    said = careen.refused("ignore", "oci:image", IDLE, "--write", ".trivyignore.yaml")
    assert said.startswith(".trivyignore.yaml: it is written in a way that careen cannot change")
    assert (careen.folder / ".trivyignore.yaml").read_text() == text


def test_a_list_is_pruned_of_what_the_image_does_not_need(careen: Careen) -> None:
    (careen.folder / ".careenignore").write_text(OLD)
    shown = careen("ignore", "oci:image", "--prune").out
    assert text(careen, ".careenignore") == OLD
    for line in (
        ".careenignore:2: CVE-2024-2002 loader: loader 1.5 is not affected: 1.5 is in no affected",
        ".careenignore:5: CVE-2024-1003: no package that it affects is in the image (service)",
        f".careenignore:3: {IDLE}: ends after 2026-12-05; review it",
        ".careenignore:4: CVE-2031-1: not known: the database has no record of it",
        f".careenignore:6: {RUNS}: expired on 2026-01-15, so 1 finding counts again",
        "2 entries of 5 in .careenignore not needed by oci:image: not written, add --write",
    ):
        assert line in shown
    done = careen("ignore", "oci:image", "--prune", "--write", ".careenignore", "--json").document
    jsonschema.validate(done, json.loads(file_of("ignore-prune").read_text()))
    assert (done["written"], [one["where"] for one in done["removed"]]) == (
        True,
        [".careenignore:2", ".careenignore:5"],
    )
    lines = OLD.splitlines(keepends=True)
    assert text(careen, ".careenignore") == "".join((*lines[:1], *lines[2:4], *lines[5:]))
    last = careen("ignore", "oci:image", "--prune", "--quiet").out
    assert last == "0 entries of 3 in .careenignore not needed by oci:image\n"


def test_the_evidence_is_of_the_named_report(careen: Careen) -> None:
    (careen.folder / "out").mkdir()
    (careen.folder / "rbom.json").rename(careen.folder / "out" / "rbom.json")
    words = ("ignore", "oci:image", IDLE, "--quiet")
    assert 'reason="not profiled: no RBOM was given' in careen(*words).out
    assert 'reason="present: ' in careen(*words, "--report-dir", "out").out
    bom = json.loads((careen.folder / "out" / "rbom.json").read_text())
    bom["image"]["config_digest"] = f"sha256:{'0' * 64}"
    (careen.folder / "other.json").write_text(json.dumps(bom))
    said = careen.refused(*words, "--rbom", "other.json")
    assert said.startswith("other.json: is the RBOM of another image")


def test_an_expired_entry_is_replaced(careen: Careen) -> None:
    (careen.folder / ".careenignore").write_text(OLD)
    done = careen(
        *(
            "ignore",
            "oci:image",
            RUNS,
            "--reason",
            "looked at",
            "--write",
            ".careenignore",
            "--json",
        )
    ).document
    jsonschema.validate(done, json.loads(file_of("ignore").read_text()))
    assert (done["replaced"], done["written"]) == ([".careenignore:6"], True)
    assert text(careen, ".careenignore") == OLD.rpartition(RUNS)[0] + done["text"]


def test_without_a_feed_of_its_packages_an_entry_stays(careen: Careen) -> None:
    (careen.folder / "kev-alone").mkdir()
    (careen.folder / "kev-alone" / "two").write_bytes(
        (careen.folder / "feeds" / "two").read_bytes()
    )
    careen("db", "import", "kev-alone", "--db", "small.db")
    (careen.folder / ".careenignore").write_text("CVE-2024-2002 reason=x\n")
    done = careen("ignore", "oci:image", "--prune", "--db", "small.db", "--json").document
    assert done["removed"] == []
    assert done["attention"][0]["reason"].startswith("not known: packages of Debian 12 were not")


def test_an_image_without_a_known_package_prunes_nothing(careen: Careen) -> None:
    (careen.folder / ".careenignore").write_text(OLD)
    empty = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}
    (careen.folder / "empty.json").write_text(json.dumps(empty))
    done = careen("ignore", "sbom:empty.json", "--prune", "--write", ".careenignore", "--json")
    assert done.document["removed"] == []
    whys = {one["reason"] for one in done.document["attention"]}
    assert "not known: no package was found in the image" in whys
    assert text(careen, ".careenignore") == OLD
