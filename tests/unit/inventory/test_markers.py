"""What makes scanners read an image differently, and what nobody owns."""

import json

import pytest

from careen.inventory import markers
from careen.inventory.markers import MAX_MARKERS
from careen.inventory.python import find as python
from careen.inventory.scan import scan, scan_contents
from careen.inventory.unowned import unowned
from tests.support.trees import Link, tree

PRO = "/var/lib/ubuntu-advantage/status.json"


def effects(files: dict[str, bytes | str | Link | None]) -> dict[str, str]:
    return {str(marker.path): marker.effect for marker in markers.find(tree(files)).markers}


def test_rapidfort_s_file_counts_by_its_path_alone() -> None:
    found = effects({"/usr/share/rapidfort/curated.json": ""})
    assert list(found) == ["/usr/share/rapidfort/curated.json"]
    assert (
        "RapidFort's advisories instead of the distribution's"
        in found["/usr/share/rapidfort/curated.json"]
    )
    assert (
        effects(
            {"/usr/share/rapidfort/other.json": "", "/opt/usr/share/rapidfort/curated.json": ""}
        )
        == {}
    )


@pytest.mark.parametrize(
    ("release", "services", "expected"),
    [
        ("ubuntu", [{"name": "esm-infra", "status": "enabled"}], True),
        (
            "ubuntu",
            [
                {"name": "esm-infra", "status": "disabled"},
                {"name": "esm-apps", "status": "enabled"},
            ],
            False,
        ),
        ("debian", [{"name": "esm-infra", "status": "enabled"}], False),
        ("ubuntu", ["esm-infra", None, 7], False),
        ("ubuntu", {"esm-infra": "enabled"}, False),
    ],
)
def test_ubuntu_pro_is_a_marker_where_it_is_enabled(
    release: str, services: object, *, expected: bool
) -> None:
    found = effects({"/etc/os-release": f"ID={release}\n", PRO: json.dumps({"services": services})})
    assert (PRO in found) is expected


def test_a_damaged_status_of_ubuntu_pro_is_an_unknown() -> None:
    found = markers.find(tree({"/etc/os-release": "ID=ubuntu\n", PRO: '{"services": ['}))
    assert found.markers == ()
    assert [unknown.path for unknown in found.unknowns] == [PRO]


def test_sboms_that_scanners_take_packages_from_are_markers_by_directory() -> None:
    found = effects(
        {
            "/opt/bitnami/redis/.spdx-redis.spdx": "",
            "/opt/docker/sbom/app/.spdx.app.json": "",
            "/root/buildinfo/content_manifests/ubi9.json": "",
            "/var/lib/db/sbom/a.spdx.json": "",
            "/var/lib/db/sbom/b.spdx.json": "",
            "/app/bom.cdx.json": "",
            "/app/package.json": "",
            "/usr/lib/python3/site-packages/x-1.dist-info/sboms/x.cdx.json": "",
        }
    )
    assert sorted(found) == [
        "/app/bom.cdx.json",
        "/opt/bitnami/redis/.spdx-redis.spdx",
        "/opt/docker/sbom/app/.spdx.app.json",
        "/root/buildinfo/content_manifests/ubi9.json",
        "/var/lib/db/sbom",
    ]
    assert found["/var/lib/db/sbom"].endswith("(2 files)")
    assert "Red Hat's repositories" in found["/root/buildinfo/content_manifests/ubi9.json"]


def test_a_million_markers_are_a_few() -> None:
    found = markers.find(tree({f"/d{number}/x.spdx": "" for number in range(1000)}))
    assert len(found.markers) == MAX_MARKERS
    assert [unknown.reason for unknown in found.unknowns] == [
        "and 799 more places with files that scanners take packages from"
    ]


def test_the_stock_of_an_image_has_its_markers() -> None:
    rootfs = tree({"/usr/share/rapidfort/curated.json": "{}"})
    assert [marker.path for marker in scan_contents(rootfs, scan(rootfs)).markers] == [
        "/usr/share/rapidfort/curated.json"
    ]


def test_what_no_package_lists_is_unowned() -> None:
    site = "/usr/lib/python3/site-packages"
    rootfs = tree(
        {
            f"{site}/six.py": "x",
            f"{site}/__pycache__/six.cpython-312.pyc": "x",
            f"{site}/__pycache__/other.cpython-312.opt-1.pyc": "x",
            f"{site}/six-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: six\nVersion: 1\n",
            f"{site}/six-1.dist-info/RECORD": "six.py,,\n",
            "/app/main.py": "x",
            "/app/link": Link("main.py"),
            "/app/data": None,
        }
    )
    assert unowned(rootfs, scan(rootfs, (python,))) == (
        "/app/main.py",
        f"{site}/__pycache__/other.cpython-312.opt-1.pyc",
    )
