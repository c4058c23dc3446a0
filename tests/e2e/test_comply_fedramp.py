"""`careen comply` on an image with known findings: FedRAMP's documents of two months, a secret in a
deleted file, and SOC 2's population.
"""

import json
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from tests.golden.test_fedramp_documents import validator
from tests.support.careen_command import Careen
from tests.support.fedramp import HEAD
from tests.support.images import file, layer, oci_layout, whiteout
from tests.support.scanned_image import LAYER, scanned_image
from tests.support.secrets import AWS

FRAMEWORKS = ("--framework", "fedramp,soc2,800-190", "--oscap", "off")


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    found = scanned_image(tmp_path)
    (tmp_path / "service.toml").write_text(HEAD)
    return found


def at(careen: Careen, seconds: int) -> Careen:
    """Return the command as it runs at a time."""
    return replace(careen, env={**careen.env, "SOURCE_DATE_EPOCH": str(seconds)})


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_reports_of_two_months(careen: Careen, tmp_path: Path) -> None:
    words = ("comply", "oci:image", *FRAMEWORKS, "--report-dir", "out", "--rbom", "rbom.json")
    rules = resources.files("careen.compliance") / "data" / "fedramp-rules.toml"
    (tmp_path / "rules.toml").write_text(rules.read_text("utf-8"))
    (tmp_path / "service.toml").write_text(f'{HEAD}rules = "rules.toml"\n')
    at(careen, 1_790_000_000)(*words, "--fedramp-service", "service.toml")
    out = tmp_path / "out"
    inputs = read(out / "comply.json")["assessments"][0]["inputs"]
    assert [each.partition(" (sha256:")[0] for each in inputs] == [
        *("RBOM rbom.json", "FedRAMP service service.toml", "FedRAMP rules rules.toml")
    ]
    first = read(out / "fedramp-evaluation.json")
    assert first["vulnerabilities"]
    assert {each["detected"] for each in first["vulnerabilities"]} == {first["time"]}
    for name in ("vulnerability-detail-report", "accepted-vulnerability-info"):
        validator(name).validate(read(out / f"fedramp-{name}.json"))
    one = first["vulnerabilities"][0]["id"]
    (tmp_path / "list").write_text(f'{one}  reason="nobody calls it"\n')
    late = at(careen, 1_793_000_000)
    late(*words, "--fedramp-service", "service.toml", "--ignore-file", "list")
    second = read(out / "fedramp-evaluation.json")
    assert {each["detected"] for each in second["vulnerabilities"]} == {first["time"]}
    assert {each["age_days"] for each in second["vulnerabilities"]} == {34}
    report = read(out / "fedramp-vulnerability-detail-report.json")
    assert report["reportPeriod"] == {"from": first["time"], "to": second["time"]}
    assert all(each["overdueStatus"]["isOverdue"] for each in report["vulnerabilities"])
    accepted = read(out / "fedramp-accepted-vulnerability-info.json")["acceptedVulnerabilities"]
    assert [each["acceptanceRationale"] for each in accepted] == ["list:1: nobody calls it"]
    rows = (out / "soc2-population.csv").read_text().splitlines()
    assert len(rows) == 1  # no run of this image is recorded: the population is empty


def test_without_the_service_there_are_no_reports_of_it(careen: Careen, tmp_path: Path) -> None:
    careen("comply", "oci:image", *FRAMEWORKS, "--report-dir", "out")
    names = {each.name for each in (tmp_path / "out").iterdir()}
    assert {"fedramp-evaluation.json", "fedramp.md", "fedramp-poam.csv"} <= names
    assert not [name for name in names if "vulnerability" in name or "historical" in name]
    assert read(tmp_path / "out" / "fedramp-evaluation.json")["class"] is None


def test_a_wrong_service_is_one_line(careen: Careen, tmp_path: Path) -> None:
    (tmp_path / "service.toml").write_text(HEAD + '[[decision]]\nid = "A"\nrating = 9\n')
    ended = careen(
        "comply", "oci:image", *FRAMEWORKS, "--fedramp-service", "service.toml", status=1
    )
    assert ended.complaint.count("\n") == 0
    assert "service.toml:7: decision[0].rating: a decision needs `evaluated`" in ended.complaint


@pytest.mark.parametrize(
    ("frameworks", "database", "said"),
    [
        ("soc2", "advisories.db", "add --framework fedramp"),
        ("fedramp", "none.db", "careen db update"),
    ],
)
def test_a_service_without_effect_is_one_line(
    careen: Careen, frameworks: str, database: str, said: str
) -> None:
    words = ("--framework", frameworks, "--fedramp-service", "service.toml", "--db", database)
    ended = careen("comply", "oci:image", *words, status=1)
    assert ended.complaint.count("\n") == 0
    assert "--fedramp-service: no report can be written: " in ended.complaint
    assert said in ended.complaint


def test_no_finding_is_left_out_by_severity(careen: Careen, tmp_path: Path) -> None:
    careen("comply", "oci:image", *FRAMEWORKS, "--report-dir", "out")
    (tmp_path / "careen.toml").write_text('[findings]\nseverity = "critical"\n')
    careen("comply", "oci:image", *FRAMEWORKS, "--report-dir", "less")
    listed = [
        {
            each["id"]
            for each in read(tmp_path / name / "fedramp-evaluation.json")["vulnerabilities"]
        }
        for name in ("out", "less")
    ]
    assert listed[0] == listed[1] != set()


@pytest.mark.gitleaks
def test_a_deleted_secret_fails_and_is_never_printed(careen: Careen, tmp_path: Path) -> None:
    secret = layer(file("root/key", f"id = '{AWS}'\n"))
    oci_layout(tmp_path / "leaky", [LAYER, secret, layer(whiteout("root/key"))])
    words = ("comply", "oci:leaky", *FRAMEWORKS, "--report-dir", "out", "--details")
    ended = careen(*words, "--fail-on", "fail", status=2)
    assert "/root/key" in ended.out
    assert "removed or replaced by a later layer" in " ".join(ended.out.split())
    texts = [ended.out, ended.err, *(each.read_text() for each in (tmp_path / "out").iterdir())]
    assert not [text for text in texts if AWS in text]
    (tmp_path / "list").write_text('secret:aws-access-token  /root/key  reason="revoked"\n')
    again = careen(*words, "--ignore-file", "list")
    assert "/root/key" not in again.out
