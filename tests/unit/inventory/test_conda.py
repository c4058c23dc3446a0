"""conda packages of an image."""

import json
from typing import Any

import pytest

from careen.formats.conda_record import MAX_RECORD
from careen.inventory import conda
from careen.inventory.python import find as python
from careen.inventory.scan import scan
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from tests.support.trees import Link, tree

META = "/opt/conda/conda-meta"


def record(**more: Any) -> str:
    fields = {
        "name": "zlib",
        "version": "1.3.1",
        "build": "h4ab18f5_1",
        "build_number": 1,
        "channel": "https://conda.anaconda.org/conda-forge/linux-64",
        "subdir": "linux-64",
        "fn": "zlib-1.3.1-h4ab18f5_1.conda",
        "license": "Zlib",
        "depends": [
            "libgcc-ng >=12",
            "libzlib 1.3.1 h4ab18f5_1",
            "__glibc >=2.17,<3.0.a0",
            "conda-forge::python[version='>=3']",
            "python",
        ],
        "files": ["lib/libz.so.1", "lib/gone", "lib/pkgconfig"],
    }
    return json.dumps({**fields, **more})


def test_a_package_is_what_its_record_says() -> None:
    path = f"{META}/zlib-1.3.1-h4ab18f5_1.json"
    found = conda.find(
        tree(
            {
                path: record(),
                f"{META}/history": "==> x <==",
                "/opt/conda/lib/libz.so.1": "x",
                "/opt/conda/lib/pkgconfig/z.pc": "x",
            }
        )
    )
    assert found.unknowns == ()
    assert found.packages == (
        Package(
            ecosystem=Ecosystem.CONDA,
            name="zlib",
            version="1.3.1",
            purl="pkg:conda/zlib@1.3.1?build=h4ab18f5_1&channel=conda-forge&subdir=linux-64&type=conda",
            record=ImagePath(path),
            files=(ImagePath("/opt/conda/lib/libz.so.1"),),
            metadata=(ImagePath(path),),
            depends=("libgcc-ng", "libzlib", "python"),
            architecture="linux-64",
            licence="Zlib",
        ),
    )


@pytest.mark.parametrize(
    ("fields", "qualifiers"),
    [
        (
            {"channel": "https://repo.example/pkgs/main", "fn": "zlib-1.3.1-h4ab18f5_1.tar.bz2"},
            "build=h4ab18f5_1&channel=main&subdir=linux-64&type=tar.bz2",
        ),
        (
            {"channel": "https://conda.example/bioconda/noarch/", "subdir": "noarch"},
            "build=h4ab18f5_1&channel=bioconda&subdir=noarch&type=conda",
        ),
        (
            {
                "channel": "conda-forge",
                "fn": "",
                "url": "https://x/y.conda",
                "build": None,
                "build_string": "py_0",
            },
            "build=py_0&channel=conda-forge&subdir=linux-64&type=conda",
        ),
        ({"channel": None, "fn": 7, "subdir": [], "build": {}}, ""),
    ],
)
def test_the_purl_says_build_channel_platform_and_kind_of_archive(
    fields: dict[str, Any], qualifiers: str
) -> None:
    found = conda.find(tree({f"{META}/zlib-1.3.1-x.json": record(**fields)}))
    assert found.packages[0].purl == "pkg:conda/zlib@1.3.1" + (
        f"?{qualifiers}" if qualifiers else ""
    )


def test_a_python_distribution_inside_stays_listed_beside_the_conda_package() -> None:
    site = "lib/python3.12/site-packages"
    files = {
        f"/opt/conda/{site}/six.py": "x",
        f"/opt/conda/{site}/__pycache__/six.cpython-312.pyc": "x",
        f"/opt/conda/{site}/six-1.16.0.dist-info/METADATA": (
            "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n"
        ),
        f"/opt/conda/{site}/six-1.16.0.dist-info/RECORD": (
            "six.py,,\nsix-1.16.0.dist-info/METADATA,,\nsix-1.16.0.dist-info/RECORD,,\n"
        ),
    }
    listed = [f"{site}/six.py", f"{site}/six-1.16.0.dist-info/METADATA"]
    inventory = scan(
        tree(
            {
                **files,
                f"{META}/six-1.16.0-pyh.json": record(name="six", version="1.16.0", files=listed),
            }
        ),
        (python, conda),
    )
    assert inventory.count() == {"pypi": 1, "conda": 1}
    owners = inventory.owners[ImagePath(f"/opt/conda/{site}/__pycache__/six.cpython-312.pyc")]
    assert [purl.partition("?")[0] for purl in owners] == [
        "pkg:pypi/six@1.16.0",
        "pkg:conda/six@1.16.0",
    ]


def test_every_prefix_is_read_and_the_package_cache_is_not() -> None:
    places = {
        f"/opt/conda/envs/{name}/conda-meta/zlib-1.3.1-x.json": record() for name in ("a", "b")
    }
    cache = {
        "/opt/conda/pkgs/zlib-1.3.1-x/info/index.json": record(),
        "/opt/conda/conda-meta/pinned.json": "{}",
        "/opt/x-1-2.json": record(),
    }
    inventory = scan(tree({**places, **cache}), (conda,))
    assert [package.record for package in inventory.packages.values()] == list(places)
    assert inventory.unknowns == ()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (record()[:100], "not valid JSON"),
        ("[" * 200_000, "nested deeper than"),
        ("[]", "expected a JSON object"),
        (record(name=None), "name is no text"),
        (record(version="1\n2"), "no usable package version"),
        (record(files=["../../etc/shadow"]), "leaves the image root"),
        ("\xff", "not valid JSON"),
    ],
)
def test_a_damaged_record_is_an_unknown(data: str, reason: str) -> None:
    is_unknown(data, reason)


def is_unknown(data: str, reason: str) -> None:
    found = conda.find(
        tree({f"{META}/zlib-1.3.1-x.json": data.encode("latin-1"), "/etc/shadow": "x"})
    )
    assert [package.files for package in found.packages] in ([], [()])
    assert len(found.unknowns) == 1
    assert found.unknowns[0].path == f"{META}/zlib-1.3.1-x.json"
    assert reason in found.unknowns[0].reason


@pytest.mark.parametrize(
    ("part", "times", "reason"),
    [("[],[],", 600_000, "more than 1000000 arrays"), (" ", MAX_RECORD, "larger than")],
)
def test_a_record_beyond_the_limits_is_an_unknown(part: str, times: int, reason: str) -> None:
    is_unknown('{"a":[' + part * times + "0]}", reason)


def test_links_in_place_of_records_are_not_followed() -> None:
    found = conda.find(
        tree(
            {
                f"{META}/a-1-0.json": Link("a-1-0.json"),
                f"{META}/b-1-0.json": Link("/etc/b-1-0.json"),
                "/etc/b-1-0.json": record(),
            }
        )
    )
    assert (found.packages, found.unknowns) == ((), ())
