"""Python code that is in an image without being installed: wheels and eggs, vendored copies, what
wheels' SBOMs state.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import BinaryIO

import pytest

from careen.formats.python_vendor_list import read_vendor_list, version_constant
from careen.inventory.port import PackageFinder
from careen.inventory.python import archives as python_archives
from careen.inventory.python import find as python
from careen.inventory.python import sboms as python_sboms
from careen.inventory.python import vendored as python_vendored
from careen.inventory.scan import scan
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import Link, tree

pytestmark = pytest.mark.slow

Files = dict[str, bytes | str | Link | None]
SITE = "/usr/lib/python3.11/site-packages"
PIP = f"{SITE}/pip/_vendor"


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def metadata(name: str, version: str) -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n"


def clean(finder: PackageFinder, files: Files) -> dict[str, Package]:
    found = finder.find(tree(files))
    assert found.unknowns == ()
    return {package.purl: package for package in found.packages}


def reasons(finder: PackageFinder, files: Files) -> list[str]:
    return [f"{unknown.path}: {unknown.reason}" for unknown in finder.find(tree(files)).unknowns]


# wheels, eggs, zip applications


def test_a_wheel_in_an_image_is_embedded_with_what_it_vendors() -> None:
    wheel = "/usr/share/python-wheels/pip-23.2.1-py3-none-any.whl"
    found = clean(
        python_archives,
        {
            wheel: zipped(
                {
                    "pip-23.2.1.dist-info/METADATA": metadata("pip", "23.2.1"),
                    "pip/_vendor/vendor.txt": (
                        "urllib3==1.26.16\nsix==1.16.0\njaraco.text==3.0\ngone==1.0\n"
                    ),
                    "pip/_vendor/urllib3/__init__.py": "",
                    "pip/_vendor/six.py": "",
                    "pip/_vendor/jaraco/text/__init__.py": "",
                }
            )
        },
    )
    assert list(found) == [
        "pkg:pypi/pip@23.2.1",
        "pkg:pypi/urllib3@1.26.16",
        "pkg:pypi/six@1.16.0",
        "pkg:pypi/jaraco-text@3.0",
    ]
    assert {package.presence for package in found.values()} == {Presence.EMBEDDED}
    assert {package.files for package in found.values()} == {(wheel,)}
    assert found["pkg:pypi/urllib3@1.26.16"].evidence == f"pip/_vendor/vendor.txt in {wheel}"


def test_eggs_packed_and_unpacked_are_installed() -> None:
    found = clean(
        python_archives,
        {
            f"{SITE}/packed-1.0-py3.11.egg": zipped(
                {"EGG-INFO/PKG-INFO": metadata("packed", "1.0"), "packed.py": ""}
            ),
            f"{SITE}/Un.packed-2.0-py3.11.egg/EGG-INFO/PKG-INFO": metadata("Un.packed", "2.0"),
            f"{SITE}/Un.packed-2.0-py3.11.egg/EGG-INFO/top_level.txt": "unpacked\n",
            f"{SITE}/Un.packed-2.0-py3.11.egg/EGG-INFO/requires.txt": "six\n\n[test]\npytest\n",
            f"{SITE}/Un.packed-2.0-py3.11.egg/unpacked/__init__.py": "",
        },
    )
    packed, unpacked = found["pkg:pypi/packed@1.0"], found["pkg:pypi/un-packed@2.0"]
    assert (packed.presence, packed.files) == (
        Presence.INSTALLED,
        (f"{SITE}/packed-1.0-py3.11.egg",),
    )
    assert (unpacked.presence, unpacked.depends, unpacked.modules) == (
        Presence.INSTALLED,
        ("six",),
        ("unpacked",),
    )
    assert f"{SITE}/Un.packed-2.0-py3.11.egg/unpacked/__init__.py" in unpacked.files


def test_distributions_in_a_zip_application_are_found() -> None:
    found = clean(
        python_archives,
        {
            "/opt/tool.pex": (
                b"#!/usr/bin/python3\n"
                + zipped({".deps/a-1.0.whl/a-1.0.dist-info/METADATA": metadata("a", "1.0")})
            )
        },
    )
    assert found["pkg:pypi/a@1.0"].presence is Presence.EMBEDDED


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK", "cannot be read as a zip archive"),
        (zipped({"x": ""}), "holds no METADATA or PKG-INFO that could be read"),
        (zipped({"a-1.dist-info/METADATA": "Name: a\n"}), "no usable Name and Version"),
        (
            zipped({"a-1.dist-info/METADATA": metadata("a", "1\x1b[2J")}),
            "no usable package version: '1\\x1b[2J'",
        ),
        (zipped({"a-1.dist-info/METADATA": b"\0" * (8 << 20)}), "as a zip bomb does"),
        (
            zipped(
                {
                    "pip/_vendor/vendor.txt": b"a==1\n" * 500_000,
                    "a-1.dist-info/METADATA": metadata("a", "1"),
                }
            ),
            "larger than the 1048576 bytes",
        ),
    ],
)
def test_a_hostile_wheel_is_an_unknown(content: bytes, reason: str) -> None:
    assert any(
        reason in text for text in reasons(python_archives, {"/w/a-1-py3-none-any.whl": content})
    )


# vendored copies


def test_a_vendor_list_names_what_lies_beside_it() -> None:
    found = clean(
        python_vendored,
        {
            f"{PIP}/__init__.py": "",
            f"{PIP}/vendor.txt": (
                "requests==2.31.0  # why\n   "
                " certifi==2023.5.7\ntyping_extensions==4.7.1\nsetuptools==68.0.0\nremoved==1.0\n"
            ),
            f"{PIP}/requests/__init__.py": "",
            f"{PIP}/requests/__version__.py": "__version__ = '2.31.0'\n",
            f"{PIP}/requests/__pycache__/__init__.cpython-311.pyc": b"",
            f"{PIP}/certifi/__init__.py": '__version__ = "2023.05.07"\n',
            f"{PIP}/typing_extensions.py": "",
            f"{PIP}/__pycache__/typing_extensions.cpython-311.pyc": b"",
            f"{PIP}/__pycache__/other.cpython-311.pyc": b"",
            f"{PIP}/pkg_resources/__init__.py": "",
        },
    )
    assert list(found) == [
        "pkg:pypi/requests@2.31.0",
        "pkg:pypi/certifi@2023.5.7",
        "pkg:pypi/typing-extensions@4.7.1",
        "pkg:pypi/setuptools@68.0.0",
    ]
    requests = found["pkg:pypi/requests@2.31.0"]
    assert (requests.presence, requests.record, requests.evidence) == (
        Presence.EMBEDDED,
        f"{PIP}/vendor.txt",
        f"listed in {PIP}/vendor.txt",
    )
    assert requests.files == (
        f"{PIP}/requests/__init__.py",
        f"{PIP}/requests/__pycache__/__init__.cpython-311.pyc",
        f"{PIP}/requests/__version__.py",
    )
    assert found["pkg:pypi/typing-extensions@4.7.1"].files == (
        f"{PIP}/typing_extensions.py",
        f"{PIP}/__pycache__/typing_extensions.cpython-311.pyc",
    )


def test_a_part_of_a_distribution_says_which_of_its_modules_it_has() -> None:
    beside: Files = {f"{PIP}/__init__.py": "", f"{PIP}/vendor.txt": "setuptools==70.3.0\n"}
    part = {**beside, f"{PIP}/pkg_resources/__init__.py": ""}
    whole = {**part, f"{PIP}/setuptools/__init__.py": "", f"{PIP}/setuptools/package_index.py": ""}
    purl = "pkg:pypi/setuptools@70.3.0"
    assert clean(python_vendored, part)[purl].modules == ("pkg_resources",)
    assert clean(python_vendored, whole)[purl].modules == ("setuptools", "pkg_resources")
    assert f"{PIP}/setuptools/package_index.py" in clean(python_vendored, whole)[purl].files
    # Since setuptools 82 there is no pkg_resources.
    newer = {**beside, f"{PIP}/setuptools/__init__.py": ""}
    assert clean(python_vendored, newer)[purl].modules == ("setuptools",)


def test_a_part_inside_a_wheel_says_which_of_its_modules_it_has() -> None:
    wheel = "/w/pip-26.0-py3-none-any.whl"
    part = {
        "pip-26.0.dist-info/METADATA": metadata("pip", "26.0"),
        "pip/_vendor/vendor.txt": "setuptools==70.3.0\njaraco.text==3.0\n",
        "pip/_vendor/pkg_resources/__init__.py": "",
        "pip/_vendor/jaraco/text/__init__.py": "",
    }
    found = clean(python_archives, {wheel: zipped(part)})
    assert found["pkg:pypi/setuptools@70.3.0"].modules == ("pkg_resources",)
    assert found["pkg:pypi/jaraco-text@3.0"].modules == ("text",)
    for file in ("package_index.py", "package_index.pyc"):
        whole = {**part, f"pip/_vendor/setuptools/{file}": ""}
        found = clean(python_archives, {wheel: zipped(whole)})
        assert found["pkg:pypi/setuptools@70.3.0"].modules == ("setuptools", "pkg_resources")


def test_a_list_that_was_left_behind_is_contradicted_by_the_module_itself() -> None:
    files: Files = {
        f"{PIP}/__init__.py": "",
        f"{PIP}/vendor.txt": "urllib3==1.26.16\n",
        f"{PIP}/urllib3/_version.py": '__version__ = "1.26.18"\n',
    }
    found = python_vendored.find(tree(files))
    assert [package.purl for package in found.packages] == ["pkg:pypi/urllib3@1.26.18"]
    assert [unknown.reason for unknown in found.unknowns] == [
        (
            f"lists version 1.26.16 of urllib3, {PIP}/urllib3/_version.py states 1.26.18, which is"
            " taken"
        )
    ]


def test_without_a_list_a_modules_own_constant_says_its_version() -> None:
    base = f"{SITE}/requests/packages"
    found = python_vendored.find(
        tree(
            {
                f"{base}/__init__.py": "",
                f"{base}/urllib3/__init__.py": "__version__ = '1.25.1'\n",
                f"{base}/idna/__init__.py": "from .package_data import __version__\n",
                f"{base}/idna/package_data.py": "__version__ = '2.8'\n",
                f"{base}/yaml/__init__.py": "__version__ = '5.4'\n",
                f"{base}/_private/__init__.py": "__version__ = '1.0'\n",
                f"{base}/silent.py": "",
            }
        )
    )
    assert sorted(package.purl for package in found.packages) == [
        "pkg:pypi/idna@2.8",
        "pkg:pypi/pyyaml@5.4",
        "pkg:pypi/urllib3@1.25.1",
    ]
    idna = next(package for package in found.packages if package.name == "idna")
    assert (idna.record, idna.evidence) == (
        f"{base}/idna/package_data.py",
        f"version constant in {base}/idna/package_data.py, named after its module",
    )
    assert [unknown.reason for unknown in found.unknowns] == [
        "vendored modules that do not say which version of what they are (2): _private 1.0, silent"
    ]


def test_a_vendored_copy_with_its_dist_info_is_left_to_the_installed_ones() -> None:
    base = f"{SITE}/setuptools/_vendor"
    files: Files = {
        f"{base}/__init__.py": "",
        f"{base}/jaraco.text-3.0.dist-info/METADATA": metadata("jaraco.text", "3.0"),
        f"{base}/jaraco.text-3.0.dist-info/RECORD": "jaraco/text/__init__.py,,\n",
        f"{base}/jaraco/text/__init__.py": "__version__ = '3.0'\n",
    }
    assert clean(python_vendored, files) == {}
    assert list(clean(python, files)) == ["pkg:pypi/jaraco-text@3.0"]


def test_directories_of_other_languages_are_passed_over() -> None:
    assert (
        clean(
            python_vendored,
            {
                "/go/src/x/vendor/y/y.go": "",
                "/srv/php/vendor/autoload.php": "",
                "/etc/extern/a.py": "__version__ = '1'\n",
            },
        )
        == {}
    )


@pytest.mark.parametrize(
    ("source", "version"),
    [
        ('__version__ = "1.2"', "1.2"),
        ("x = 1\n__version__: str = '1.2.3'  # done", "1.2.3"),
        ("__version__ = version = '3.8.1'", "3.8.1"),
        ("VERSION = (1, 26, 0)", "1.26.0"),
        ("version = (1, 0, 5)\n__version__ = '1.0.5'", "1.0.5"),
        ("    __version__ = '9'", ""),
        ("__version__ = get()", ""),
        ("__version__ = __import__('os').system('x')", ""),
        ('__version__ = "not a version"', ""),
        ("__version__ = '1\x1b[2J'", ""),
        ('VERSION_PATTERN = r"""', ""),
        ("(" * 100_000, ""),
        ("__version__" + " =" * 100_000, ""),
        ("\0", ""),
    ],
)
def test_version_constants_are_read_as_text_and_never_run(source: str, version: str) -> None:
    assert version_constant(source.encode()) == version


def test_a_vendor_list_is_its_pinned_lines() -> None:
    text = (
        "# c\na==1.0\n  b-c == 2.0 ; python_version<'3'\nd[x]===3\ne>=1\n-r"
        " other.txt\ngit+https://x\nf==1\x1b\n"
    )
    assert read_vendor_list(text.encode()) == {"a": "1.0", "b-c": "2.0", "d": "3"}


def test_a_vendor_list_of_a_hundred_megabytes_is_not_read() -> None:
    class Unread:
        def open(self, entry: Entry) -> BinaryIO:
            raise AssertionError(entry)

    path = ImagePath(f"{PIP}/vendor.txt")
    entries = {entry.path: entry for entry in tree({f"{PIP}/__init__.py": "", str(path): "x"})}
    entries[path] = replace(entries[path], size=100 << 20)
    found = python_vendored.find(Rootfs(entries, Unread()))
    assert [(unknown.path, unknown.reason) for unknown in found.unknowns] == [
        (path, f"{path}: larger than the 1048576 bytes that are read of such a file")
    ]


# SBOMs of wheels (PEP 770)

INFO = f"{SITE}/pillow-13.0.0.dist-info"
AUDITWHEEL = {
    "bomFormat": "CycloneDX",
    "metadata": {"component": {"name": "pillow", "purl": "pkg:pypi/pillow@13.0.0?file_name=x.whl"}},
    "components": [
        {"name": "pillow", "version": "13.0.0", "purl": "pkg:pypi/pillow@13.0.0?file_name=x.whl"},
        {
            "name": "libXau",
            "version": "1.0.9",
            "purl": "pkg:rpm/almalinux/libXau@1.0.9-3.el8",
            "licenses": [{"license": {"id": "MIT"}}],
        },
        {
            "name": "inner",
            "purl": "pkg:cargo/inner@0.1.0?download_url=file://.",
            "components": [{"name": "d", "purl": "pkg:github/o/deep@1.0"}],
        },
        {"name": "cc", "purl": "pkg:cargo/cc@1.0.0", "scope": "excluded"},
        {"name": "no purl", "version": "1"},
        {"name": "zlib", "version": "2.3.3", "bom-ref": "pkg:generic/zlib-ng"},
        {"name": "Raqm", "version": "0.11.0", "bom-ref": "pkg:pypi/pillow@13.0.0#thirdparty/raqm"},
        {"name": "xau", "version": "7", "scope": "optional"},
        {
            "name": "libimagequant",
            "version": "4.4.1",
            "bom-ref": "pkg:generic/libimagequant",
            "scope": "optional",
        },
    ],
}
WITH_SBOM: Files = {
    f"{INFO}/sboms/auditwheel.cdx.json": json.dumps(AUDITWHEEL),
    f"{INFO}/RECORD": (
        "PIL/_x.cpython-311.so,,\npillow.libs/libXau-154567c4.so.6.0.0,,\nPIL/a.py,,\n../../../../../../../etc/x.so,,\n"
    ),
    f"{SITE}/PIL/_x.cpython-311.so": b"",
    f"{SITE}/pillow.libs/libXau-154567c4.so.6.0.0": b"",
}


def test_what_a_wheels_sbom_states_is_embedded_in_its_native_files() -> None:
    found = python_sboms.find(tree(WITH_SBOM))
    packages = {package.purl: package for package in found.packages}
    assert list(packages) == [
        "pkg:rpm/almalinux/libXau@1.0.9-3.el8",
        "pkg:cargo/inner@0.1.0",
        "pkg:github/o/deep@1.0",
        "pkg:generic/zlib-ng@2.3.3",
        "pkg:generic/raqm@0.11.0",
        "pkg:generic/xau@7",
    ]
    xau, inner = packages["pkg:rpm/almalinux/libXau@1.0.9-3.el8"], packages["pkg:cargo/inner@0.1.0"]
    assert (xau.ecosystem, xau.presence, xau.licence) == (Ecosystem.RPM, Presence.EMBEDDED, "MIT")
    assert xau.files == (
        f"{SITE}/pillow.libs/libXau-154567c4.so.6.0.0",
        f"{INFO}/sboms/auditwheel.cdx.json",
    )
    assert xau.evidence == "stated by the wheel's SBOM auditwheel.cdx.json"
    assert inner.files == (
        f"{SITE}/PIL/_x.cpython-311.so",
        f"{SITE}/pillow.libs/libXau-154567c4.so.6.0.0",
        f"{INFO}/sboms/auditwheel.cdx.json",
    )
    assert packages["pkg:github/o/deep@1.0"].ecosystem is Ecosystem.GENERIC
    assert [unknown.reason for unknown in found.unknowns] == [
        (
            "components without a usable name and version, or optional and nowhere to be seen (2): no"
            " purl, libimagequant"
        )
    ]


def test_spdx_is_read_as_well() -> None:
    document = {
        "spdxVersion": "SPDX-2.3",
        "documentDescribes": ["SPDXRef-w"],
        "packages": [
            {
                "SPDXID": "SPDXRef-w",
                "name": "w",
                "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:generic/w@1"}],
            },
            {
                "SPDXID": "SPDXRef-z",
                "name": "zlib",
                "versionInfo": "1.3",
                "licenseDeclared": "Zlib",
                "externalRefs": [
                    {"referenceType": "cpe23Type", "referenceLocator": "x"},
                    {"referenceType": "purl", "referenceLocator": "pkg:generic/zlib@1.3"},
                ],
            },
        ],
    }
    found = clean(python_sboms, {f"{INFO}/sboms/w.spdx.json": json.dumps(document)})
    assert [(package.purl, package.licence) for package in found.values()] == [
        ("pkg:generic/zlib@1.3", "Zlib")
    ]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", "{}", "neither CycloneDX nor SPDX 2 in JSON"),
        ("a.json", "[" * 100_000, "JSON nested deeper than 200 levels"),
        (
            "a.json",
            (
                '{"bomFormat": "CycloneDX", "components": [3, null, {"purl": 7}, {"purl": "pkg:x"},'
                ' {"purl": "pkg:npm/a\\u0000@1"}]}'
            ),
            "nowhere to be seen (5)",
        ),
        (
            "a.json",
            '{"bomFormat": "CycloneDX", "components": ' + json.dumps([{}] * 60_000) + "}",
            "more than 50000 components",
        ),
        ("a.xml", "<bom/>", "an SBOM that is not JSON"),
    ],
)
def test_a_wrong_sbom_is_an_unknown(name: str, content: str, reason: str) -> None:
    assert any(reason in text for text in reasons(python_sboms, {f"{INFO}/sboms/{name}": content}))


# the record of an installed wheel


@pytest.mark.no_cover
def test_a_record_of_more_than_a_million_lines_is_an_unknown_and_the_distribution_stays() -> None:
    record = b"a/b.py,,\n" * 1_000_001
    found = scan(
        tree(
            {
                f"{SITE}/a-1.0.dist-info/METADATA": metadata("a", "1.0"),
                f"{SITE}/a-1.0.dist-info/RECORD": record,
                f"{SITE}/a/b.py": "",
            }
        ),
        (python,),
    )
    assert list(found.packages) == ["pkg:pypi/a@1.0"]
    assert [unknown.reason for unknown in found.unknowns] == [
        f"{SITE}/a-1.0.dist-info/RECORD: more than 1000000 rows"
    ]
