"""A base cut from an upstream image keeps what the contract and the entry need; what breaks the
contract gets no name.
"""

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import Careen
from tests.support.images import directory, docker_archive, file, layer, symlink
from tests.support.service_image import HALF_DATA, PACKAGES
from tests.support.tiny_wheels import write_wheel

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


SITE = "usr/local/lib/python3.11/site-packages"
WHEELS = """
[[entry]]
name = "wheels:1"
title = "Wheels above the image"
inherits = "own:1"
pip = ["tinyfirst"]

[[entry.tests]]
variants = ["runtime"]
argv = ["/usr/bin/service", "cat", "/{site}/tinyfirst.py"]
contains = "1.0"
"""


def package(name: str) -> str:
    version = "2.41-1" if name == "libc6" else "1.0-1"
    return (
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n"
        f"Version: {version}\nMaintainer: The Tests <tests@example.org>\nDescription: {name}\n"
    )


def with_python(service: Service, path: Path) -> Path:
    """The service with a Python in /usr/local, and an old version of what the entry names."""
    info = f"{SITE}/tinyfirst-0.9.dist-info"
    program, mode = service.image.contents["/usr/bin/service"]
    folders = [f"{SITE}/tinyfirst", info, "usr/local/bin", "usr/lib"]
    above = sorted({"/".join(x.split("/")[:i]) for x in folders for i in range(1, 9)})
    items = [directory(each) for each in above]
    items += [
        file("usr/local/bin/python3.11", program, mode),
        symlink("usr/local/bin/python3", "python3.11"),
        file("usr/lib/libc.so.6", "c"),
        file("var/lib/dpkg/info/libc6.list", "/usr/lib/libc.so.6\n"),
        file("var/lib/dpkg/status", "\n".join(map(package, (*PACKAGES, "libc6")))),
        file(f"{SITE}/tinyfirst/__init__.py", "old\n"),
        file(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinyfirst\nVersion: 0.9\n"),
        file(f"{info}/RECORD", "tinyfirst/__init__.py,,\ntinyfirst-0.9.dist-info/METADATA,,\n"),
    ]
    layers = (*service.image.layers(), layer(*items))
    return docker_archive(path, layers, (), service.image.config())


def test_wheels_of_the_entry_are_above_the_image_and_replace_what_it_has(
    service: Service, offline: Careen, tmp_path: Path
) -> None:
    archive = with_python(service, tmp_path / "python.tar")
    text = ENTRY.format(archive=archive, user="65532:65532") + WHEELS.format(site=SITE)
    (offline.folder / "own.toml").write_text(text)
    index = tmp_path / "index"
    index.mkdir()
    write_wheel(index, "tinyfirst", "1.0", requires=["tinysecond"])
    write_wheel(index, "tinysecond", "3.1")
    careen = Careen(
        offline.folder, {**offline.env, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}
    )
    words = [each.replace("own:1", "wheels:1") for each in BUILD]
    built = careen(*words, "--report-dir", "report", "--json").document
    named = [(each["name"], each["version"]) for each in built["wheels"]]
    assert named == [("tinyfirst", "1.0"), ("tinysecond", "3.1")]
    assert built["wheel_indexes"] == {"wheels:1": "the settings of pip"}
    assert built["tested"] == 2
    report = offline.folder / "report"
    manifest = json.loads((report / "manifest.json").read_text())
    stated = manifest["policy"]["choices"]["wheels"]
    assert [each["sha256"] for each in stated] == [each["sha256"] for each in built["wheels"]]
    plan = json.loads((report / "plan.json").read_text())
    kept = {path: group["code"] for group in plan["keep"] for path in group["paths"]}
    assert kept[f"/{SITE}/tinysecond.py"] == "contract"  # no test uses it
    assert f"/{SITE}/tinyfirst-1.0.dist-info/METADATA" in kept
    paths = kept.keys() | {path for group in plan["remove"] for path in group["paths"]}
    assert not [path for path in paths if "tinyfirst-0.9" in path]
