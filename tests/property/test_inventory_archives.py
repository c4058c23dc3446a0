"""Bytes of packages of every language, changed at random: no finder raises, what it finds can be
printed, and a neighbour is never lost.
"""

import io
import json
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packageurl import PackageURL

from careen.errors import ImageError
from careen.formats.identity import is_plain
from careen.formats.python_vendor_list import read_vendor_list, version_constant
from careen.formats.zip_reader import ZipArchive
from careen.inventory.java import find as java
from careen.inventory.java.names import repository_coordinates, split_stem
from careen.inventory.node import find as node
from careen.inventory.port import PackageFinder
from careen.inventory.python import archives as python_archives
from careen.inventory.python import sboms as python_sboms
from careen.inventory.python import vendored as python_vendored
from tests.support.trees import tree


def zipped(files: Mapping[str, bytes | str], method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


POM = "<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent><artifactId>a</artifactId><version>${x}</version></project>"
INNER = zipped(
    {"META-INF/maven/i.j/k/pom.properties": "groupId=i.j\nartifactId=k\nversion=2\n"},
    zipfile.ZIP_DEFLATED,
)
JAR = zipped(
    {
        "META-INF/MANIFEST.MF": "Bundle-SymbolicName: a.b.c\nImplementation-Version: 1\n\n",
        "META-INF/maven/g/a/pom.xml": POM,
        "META-INF/maven/g/b/pom.properties": "groupId=g.h\nartifactId=b\nversion=3\n",
        "lib/k-2.jar": INNER,
    },
    zipfile.ZIP_STORED,
)
WHEEL = zipped(
    {
        "a-1.dist-info/METADATA": "Name: a\nVersion: 1\n\n",
        "a/_vendor/vendor.txt": "b==2\n",
        "a/_vendor/b.py": "",
    },
    zipfile.ZIP_STORED,
)
YARN = zipped(
    {"node_modules/@s/a/package.json": '{"name": "@s/a", "version": "1.0.0"}'}, zipfile.ZIP_STORED
)
MANIFEST = json.dumps(
    {
        "name": "@s/a",
        "version": "1.0.0",
        "dependencies": {"b": "1"},
        "license": {"type": "MIT"},
        "licenses": [{"type": "X"}],
    }
).encode()
LOCK = json.dumps(
    {
        "packages": {"node_modules/a": {"version": "1"}},
        "dependencies": {"b": {"version": "1", "dependencies": {"c": {"version": "2"}}}},
    }
).encode()
SBOM = json.dumps(
    {
        "bomFormat": "CycloneDX",
        "components": [
            {
                "name": "a",
                "purl": "pkg:cargo/a@1?x=y",
                "licenses": [{"license": {"id": "M"}}],
                "components": [{}],
            }
        ],
    }
).encode()
SITE = "/usr/lib/python3/dist-packages"

CASES: Mapping[str, tuple[PackageFinder, str, bytes, dict[str, bytes]]] = {
    "jar": (java, "/lib/a-1.jar", JAR, {"/lib/good-1.0.jar": INNER}),
    "wheel": (
        python_archives,
        "/w/a-1-py3-none-any.whl",
        WHEEL,
        {"/w/good-1-py3-none-any.whl": WHEEL},
    ),
    "yarn": (node, "/app/.yarn/cache/a.zip", YARN, {"/app/.yarn/cache/good.zip": YARN}),
    "package.json": (
        node,
        "/node_modules/a/package.json",
        MANIFEST,
        {"/node_modules/good/package.json": MANIFEST},
    ),
    "lock": (node, "/app/package-lock.json", LOCK, {"/node_modules/good/package.json": MANIFEST}),
    "yarn.lock": (
        node,
        "/app/yarn.lock",
        b'"@s/b@*", a@^1:\n  version "2.0.0"\n',
        {"/node_modules/good/package.json": MANIFEST},
    ),
    "pnpm-lock": (
        node,
        "/app/pnpm-lock.yaml",
        b"packages:\n\n  '@s/b@2.0.0(c@1)':\n    x: {}\n",
        {"/node_modules/good/package.json": MANIFEST},
    ),
    "vendor.txt": (
        python_vendored,
        f"{SITE}/p/_vendor/vendor.txt",
        b"a==1.0\n  b-c==2 # x\n",
        {
            f"{SITE}/p/__init__.py": b"",
            f"{SITE}/p/_vendor/a.py": b"",
            f"{SITE}/p/_vendor/b_c.py": b"VERSION = (1, 2)",
            f"{SITE}/p/vendor/x.py": b"VERSION='1'",
        },
    ),
    "sbom": (
        python_sboms,
        f"{SITE}/a-1.dist-info/sboms/x.json",
        SBOM,
        {f"{SITE}/b-1.dist-info/sboms/x.json": SBOM},
    ),
}
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=4), st.integers(0, 6)
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=150, deadline=None)
@given(changes=CHANGES)
def test_changed_bytes_never_raise_and_never_hide_a_neighbour(
    case: str, changes: list[tuple[float, bytes, int]]
) -> None:
    finder, path, content, others = CASES[case]
    data = bytearray(content)
    for place, new, cut in changes:
        at = int(place * len(data))
        data[at : at + cut] = new
    alone = {package.purl for package in finder.find(tree(dict(others))).packages}
    found = finder.find(tree({**others, path: bytes(data)}))
    assert alone
    assert alone <= {package.purl for package in found.packages}
    for package in found.packages:
        assert is_plain(package.name.replace(":", ""), 1024)
        assert is_plain(package.version)
        assert PackageURL.from_string(package.purl).version
        assert package.files
        assert package.evidence.isprintable()
    assert all(unknown.reason.isprintable() for unknown in found.unknowns)


@settings(max_examples=200, deadline=None)
@given(cut=st.integers(0, len(JAR) - 1), tail=st.binary(max_size=64))
def test_a_truncated_archive_raises_nothing_but_an_image_error(cut: int, tail: bytes) -> None:
    try:
        with ZipArchive(io.BytesIO(JAR[:cut] + tail), "x") as archive:
            for name in archive.names():
                archive.read(name, 1 << 16)
    except ImageError:
        pass


@given(
    artifact=st.from_regex(
        r"[a-z][a-z0-9]{0,8}(-[a-uw-z][a-z0-9]{0,8}){0,3}", fullmatch=True
    ),  # `-v0` begins a version as well as it ends a name
    version=st.from_regex(
        r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}(-jre|\.Final|-M[1-9]|-SNAPSHOT)?", fullmatch=True
    ),
)
@example(artifact="log4j-api", version="2.19.0")
def test_a_file_name_made_of_artifact_and_version_is_split_into_them(
    artifact: str, version: str
) -> None:
    assert split_stem(f"{artifact}-{version}") == (artifact, version)
    group = "org.acme.deep"
    place = f"/m2/{group.replace('.', '/')}/{artifact}/{version}/{artifact}-{version}.jar"
    found = repository_coordinates(place)
    assert found is not None
    assert (found.group, found.artifact, found.version) == (group, artifact, version)


@given(
    name=st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,20}[a-z0-9]", fullmatch=True),
    version=st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,4}){0,3}", fullmatch=True),
)
def test_what_is_pinned_and_what_is_assigned_is_read_back(name: str, version: str) -> None:
    assert read_vendor_list(f"  {name}=={version}  # why\n".encode()) == {name: version}
    assert version_constant(f'"""Doc."""\n__version__ = "{version}"\n'.encode()) == version


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_list_and_a_module(data: bytes) -> None:
    for name, version in read_vendor_list(data).items():
        assert is_plain(name)
        assert is_plain(version)
    assert version_constant(b"__version__ = " + data) == "" or is_plain(
        version_constant(b"__version__ = " + data)
    )
