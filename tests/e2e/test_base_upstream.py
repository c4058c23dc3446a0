"""A base cut from an upstream image keeps what the contract and the entry need; what breaks the
contract gets no name.
"""

import json

import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import Careen
from tests.support.service_image import HALF_DATA

pytestmark = [pytest.mark.root, pytest.mark.runc, pytest.mark.bpf]

ENTRY = """schema = 1
[[entry]]
name = "own:1"
title = "Own"
distribution = "debian"
variants = ["runtime", "compat"]
upstream = "docker-archive:{archive}"
packages = ["half"]
environment = {{ LANG = "C.UTF-8" }}
users = [{{ name = "nonroot", uid = 65532, home = "/home/nonroot" }}]
user = "{user}"

[[entry.tests]]
variants = ["runtime", "compat"]
argv = ["/usr/bin/service", "cat", "/usr/share/half/used.txt"]
contains = "half of it is used"
"""
BUILD = ("base", "build", "own:1", "--catalog", "own.toml", "-o", "oci:out")


def write(offline: Careen, service: Service, user: str = "65532:65532") -> None:
    text = ENTRY.format(archive=service.archive, user=user)
    (offline.folder / "own.toml").write_text(text)


def test_runtime_of_an_image_keeps_what_the_entry_and_the_contract_need(
    service: Service, offline: Careen
) -> None:
    write(offline, service)
    built = offline(*BUILD, "--report-dir", "report", "--json").document
    assert built["places"] == ["oci:out"]
    assert (built["tested"], built["upgrades"]) == (1, None)
    assert built["measure"]["setuid"] == built["measure"]["shells"] == 0
    rows = json.loads((offline.folder / "report/contract.json").read_text())["rows"]
    assert rows == built["contract"]["rows"]
    assert not [row for row in rows if row["kept"] == "broken"]
    plan = json.loads((offline.folder / "report/plan.json").read_text())
    kept = {path: group["code"] for group in plan["keep"] for path in group["paths"]}
    gone = {path: group["code"] for group in plan["remove"] for path in group["paths"]}
    assert kept[HALF_DATA] == "contract"  # of a package that the entry names, and no test uses
    assert gone["/usr/bin/idle"] == gone["/bin/sh"] == "contract"
    assert "/usr/share/idle/data.bin" in gone
    summary = json.loads((offline.folder / "report/summary.json").read_text())
    assert summary["original"]["reference"] == f"docker-archive:{service.archive}"
    assert summary["workloads"] == ["test-1"]


def test_a_result_that_breaks_the_contract_gets_no_name(service: Service, offline: Careen) -> None:
    write(offline, service, user="0")
    said = offline(*BUILD, status=3).complaint
    assert "nothing is upgraded: there is no advisory database" in said
    assert "1 broken item of the contract with docker-archive:" in said
    assert said.endswith("user, of a runtime: not root → root (0); nothing was promoted")
    assert not any(offline.work.iterdir())
    assert not (offline.folder / "out").exists()
