"""Go's build information, read from programs that the real toolchain makes and compared with what
`go version -m` says of them.
"""

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from careen.inventory import inside
from careen.inventory.port import Found
from careen.inventory.scan import scan
from careen.model.packages.package import Presence
from careen.model.paths import ImagePath
from tests.support.trees import Exec, tree

pytestmark = pytest.mark.go

PROBE = """package main

import (
	"fmt"

	"example.org/Plain"
	"example.org/forked"
	"example.org/local"
	"example.org/deep/v2"
)

var version = "unset"

func main() { fmt.Println(version, Plain.V, forked.V, local.V, deep.V) }
"""
REQUIRE = """module example.org/probe

go 1.18

require (
	example.org/Plain v1.2.3
	example.org/forked v0.1.0
	example.org/local v0.9.0
	example.org/deep/v2 v2.0.1-rc.1
)

replace example.org/forked v0.1.0 => example.net/fork v0.1.1-fork

replace example.org/local => ../local
"""


def _module(proxy: Path, path: str, version: str, package: str) -> None:
    """Put a module into a directory that go takes for a proxy (GOPROXY protocol): upper case
    letters are written `!x`.
    """
    folder = proxy / "".join(f"!{c.lower()}" if c.isupper() else c for c in path) / "@v"
    folder.mkdir(parents=True)
    mod = f"module {path}\n\ngo 1.18\n"
    (folder / "list").write_text(f"{version}\n")
    (folder / f"{version}.info").write_text(f'{{"Version":"{version}"}}')
    (folder / f"{version}.mod").write_text(mod)
    with zipfile.ZipFile(folder / f"{version}.zip", "w") as archive:
        archive.writestr(f"{path}@{version}/go.mod", mod)
        archive.writestr(
            f"{path}@{version}/p.go",
            f"package {package}\n\nvar V = {version!r}\n".replace("'", '"'),
        )


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of five modules, ready to be built without network."""
    base = tmp_path_factory.mktemp("go")
    proxy, source, local = base / "proxy", base / "probe", base / "local"
    _module(proxy, "example.org/Plain", "v1.2.3", "Plain")
    _module(proxy, "example.net/fork", "v0.1.1-fork", "forked")
    _module(proxy, "example.org/deep/v2", "v2.0.1-rc.1", "deep")
    for folder in (source, local):
        folder.mkdir()
    (local / "go.mod").write_text("module example.org/local\n\ngo 1.18\n")
    (local / "p.go").write_text('package local\n\nvar V = "local"\n')
    (source / "go.mod").write_text(REQUIRE)
    (source / "main.go").write_text(PROBE)
    # a fork keeps the module path of what it replaces
    mod = proxy / "example.net" / "fork" / "@v"
    (mod / "v0.1.1-fork.mod").write_text("module example.org/forked\n\ngo 1.18\n")
    _go(source, "mod", "tidy")
    return source


def _go(source: Path, *words: str, **env: str) -> str:
    base = source.parent
    settings = {
        "GOPROXY": f"file://{base / 'proxy'}",
        "GOSUMDB": "off",
        "GOFLAGS": "-mod=mod",
        "GOPATH": str(base / "gopath"),
    }
    environment = {
        **os.environ,
        **settings,
        "GOMODCACHE": str(base / "mods"),
        "GOTOOLCHAIN": "local",
        **env,
    }
    done = subprocess.run(  # noqa: TID251
        ["go", *words], cwd=source, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _found(program: Path) -> Found:
    rootfs = tree({"/app": Exec(program.read_bytes())})
    return inside.find(rootfs, scan(rootfs))


def _build(source: Path, name: str, *flags: str, **env: str) -> Path:
    out = source.parent / name
    _go(source, "build", "-o", str(out), *flags, ".", **env)
    return out


def _release(source: Path) -> str:
    return _go(source, "env", "GOVERSION").strip().removeprefix("go").split(" ")[0]


@pytest.mark.parametrize("flags", [(), ("-trimpath", "-ldflags=-s -w"), ("-buildmode=pie",)])
def test_modules_of_a_program_are_those_that_go_itself_reads(
    probe: Path, flags: tuple[str, ...]
) -> None:
    found = _found(
        _build(
            probe,
            f"built{len(flags)}{'-'.join(flags)[:8]}",
            "-buildvcs=false",
            *flags,
            CGO_ENABLED="0",
        )
    )
    assert {item.name: item.version for item in found.packages} == {
        "stdlib": _release(probe),
        "example.org/probe": "(devel)",
        "example.org/Plain": "v1.2.3",
        "example.net/fork": "v0.1.1-fork",
        # a directory took its place: v0.9.0 is what the source asks for, not what was built
        "example.org/local": "(devel)",
        "example.org/deep/v2": "v2.0.1-rc.1",
    }
    purls = {item.name: item.purl for item in found.packages}
    assert purls["example.org/deep/v2"] == "pkg:golang/example.org/deep/v2@v2.0.1-rc.1"
    assert purls["example.org/probe"] == "pkg:golang/example.org/probe"
    assert all(
        item.presence is Presence.EMBEDDED and item.files == (ImagePath("/app"),)
        for item in found.packages
    )
    evidence = {item.name: item.evidence for item in found.packages}
    assert evidence["example.net/fork"] == "Go build info; in the place of example.org/forked"
    assert "replaced by the directory" in evidence["example.org/local"]
    assert [item.reason for item in found.unknowns] == [
        f"the version of the Go module {name} is not known: it was built from a working copy and"
        " says (devel)"
        for name in ("example.org/probe", "example.org/local")
    ]


def test_version_that_the_linker_was_told_is_the_main_modules_only_if_it_is_its_own(
    probe: Path,
) -> None:
    own = _found(_build(probe, "own", "-buildvcs=false", "-ldflags=-s -w -X main.version=1.4.2"))
    assert {item.version for item in own.packages if item.name == "example.org/probe"} == {"v1.4.2"}
    other = _found(
        _build(probe, "other", "-buildvcs=false", "-ldflags=-X example.org/Plain.Version=9.9.9")
    )
    assert {item.version for item in other.packages if item.name == "example.org/probe"} == {
        "(devel)"
    }


def test_program_without_a_section_table_is_read_through_its_segments(probe: Path) -> None:
    program = _build(probe, "bare", "-buildvcs=false", CGO_ENABLED="0")
    data = bytearray(program.read_bytes())
    data[0x28:0x30] = bytes(8)
    data[0x3A:0x40] = bytes(6)
    program.write_bytes(data)
    assert {item.name for item in _found(program).packages} >= {"stdlib", "example.org/Plain"}


def test_program_whose_build_info_was_cut_out_is_an_unknown(probe: Path) -> None:
    program = _build(probe, "cut", "-buildvcs=false", CGO_ENABLED="0")
    program.write_bytes(program.read_bytes().replace(b"\xff Go buildinf:", b"\xff No buildinf:"))
    found = _found(program)
    assert [item.reason for item in found.unknowns] == [
        (
            "Go build info that cannot be read: its section .go.buildinfo does not start with the mark"
            " of one"
        )
    ]
