"""Programs and libraries of real compilers without their symbols: readelf finds nothing wrong with
them, and they run as before.
"""

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from careen.formats.elf.loaded import loaded_difference
from careen.formats.elf.symbols import Span, StrippedElf, UnchangedElf, without_symbols
from careen.tools import process
from tests.conftest import SYFT

LIBRARY = """
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
static _Thread_local int mine = 4;
static int (*choose(void))(void);
int work(void) __attribute__((ifunc("choose")));
static int chosen(void) { return mine; }
static int (*choose(void))(void) { return chosen; }
static void *run(void *what) { mine += *(int *)what; return malloc((size_t)work()); }
__attribute__((constructor)) static void begin(void) { puts("begin"); }
int sum(int what) { pthread_t one; void *got; pthread_create(&one, 0, run, &what); pthread_join(one, &got); free(got); return what + work(); }
"""
PROGRAM = """
#include <stdio.h>
int sum(int);
static int table[5000] = {1, 2, 3};
int main(int argc, char **argv) { printf("%s %d %d\\n", argv[1], sum(argc), table[2]); return 7; }
"""
THROWS = """
#include <iostream>
#include <stdexcept>
#include <vector>
static void inner(int n) { std::vector<int> v(3); if (n) throw std::runtime_error("thrown"); v.at(9); }
int main() {
  try { inner(1); } catch (const std::exception &e) { std::cout << e.what() << "\\n"; }
  try { inner(0); } catch (const std::out_of_range &) { std::cout << "range\\n"; }
}
"""
GO = """package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

func main() {
	info, _ := debug.ReadBuildInfo()
	_, file, line, _ := runtime.Caller(0)
	fmt.Println(info.Path, file != "", line)
	defer func() { fmt.Println(recover(), len(debug.Stack()) > 0) }()
	panic("deep")
}
"""
RUST = """fn inner(v: &[u8]) -> u8 { v[9] }
fn main() { let r = std::panic::catch_unwind(|| inner(&[1, 2])); println!("{}", r.is_err()); }
"""


def lighter(path: Path) -> Path:
    """Write the file without its symbols beside it, proved, and return where."""
    data = path.read_bytes()
    found = without_symbols(io.BytesIO(data), len(data))
    assert isinstance(found, StrippedElf), found
    out = b"".join(
        data[part.offset : part.offset + part.size] if isinstance(part, Span) else part
        for part in found.parts
    )
    assert loaded_difference(io.BytesIO(data), io.BytesIO(out), (len(data), len(out))) == ""
    there = path.parent / "lighter"
    there.mkdir(exist_ok=True)
    (there / path.name).write_bytes(out)
    (there / path.name).chmod(0o755)
    return there / path.name


def sections(path: Path) -> str:
    said = process.run(["readelf", "-aW", str(path)], timeout=120)
    assert (said.status, said.stderr) == (0, b"")
    return said.stdout.decode()


def ran(*argv: Path | str, library: Path | None = None) -> tuple[int | None, str]:
    done = process.run(
        [str(item) for item in argv],
        timeout=120,
        env={"LD_LIBRARY_PATH": str(library)} if library else {},
    )
    return done.status, (done.stdout + done.stderr).decode()


@pytest.mark.parametrize(
    "options",
    [
        ("-g",),
        ("-g", "-gz"),
        ("-g", "-no-pie"),
        (),
        ("-g", "-Wl,-z,noseparate-code"),
        ("-g", "-Wl,-z,max-page-size=0x200000", "-Wl,--hash-style=sysv"),
    ],
    ids=" ".join,
)
def test_a_program_and_its_library(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "library.c").write_text(LIBRARY)
    (tmp_path / "program.c").write_text(PROGRAM)
    library, program = tmp_path / "libwork.so", tmp_path / "program"
    shared = [item for item in options if item != "-no-pie"]
    subprocess.check_call(
        [
            "gcc",
            "-w",
            "-O1",
            "-shared",
            "-fPIC",
            *shared,
            "-o",
            str(library),
            str(tmp_path / "library.c"),
            "-lpthread",
        ]
    )
    subprocess.check_call(
        [
            "gcc",
            "-w",
            "-O1",
            *options,
            "-o",
            str(program),
            str(tmp_path / "program.c"),
            f"-L{tmp_path}",
            "-lwork",
        ]
    )
    before = ran(program, "says", library=tmp_path)
    assert before == (7, "begin\nsays 6 3\n")
    light = lighter(program)
    assert lighter(library).stat().st_size < library.stat().st_size
    assert ran(light, "says", library=light.parent) == before
    for path in (light, light.parent / library.name):
        said = sections(path)
        assert ".symtab" not in said
        assert ".debug_" not in said
        assert ".dynsym" in said
        assert "Build ID" in said


@pytest.mark.parametrize("options", [("-static",), ("-static-pie",)], ids=" ".join)
def test_a_static_program_keeps_the_only_list_of_what_is_in_it(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "program.c").write_text(
        '#include <stdio.h>\nint main(void) { puts("static"); return 3; }\n'
    )
    program = tmp_path / "program"
    subprocess.check_call(
        ["gcc", "-g", "-O1", *options, "-o", str(program), str(tmp_path / "program.c")]
    )
    light = lighter(program)
    assert ran(light) == ran(program) == (3, "static\n")
    assert ".debug_" not in sections(light)
    assert (" .symtab" in sections(light)) == (options == ("-static",))


def test_exceptions_are_caught_as_before(tmp_path: Path) -> None:
    (tmp_path / "throws.cpp").write_text(THROWS)
    program = tmp_path / "throws"
    subprocess.check_call(["g++", "-g", "-O1", "-o", str(program), str(tmp_path / "throws.cpp")])
    assert ran(lighter(program)) == ran(program) == (0, "thrown\nrange\n")


def test_payloads_and_relocations_for_symbols_leave_a_program_alone(tmp_path: Path) -> None:
    (tmp_path / "program.c").write_text("int main(void) { return 0; }\n")
    program = tmp_path / "program"
    subprocess.check_call(["gcc", "-g", "-Wl,-q", "-o", str(program), str(tmp_path / "program.c")])
    data = program.read_bytes()
    found = without_symbols(io.BytesIO(data), len(data))
    assert isinstance(found, UnchangedElf)
    assert "needs the symbol table" in found.reason or "'.rela" in found.reason
    subprocess.check_call(["gcc", "-g", "-o", str(program), str(tmp_path / "program.c")])
    (tmp_path / "archive").write_bytes(b"payload" * 50)
    for make in (
        [
            "objcopy",
            "--add-section",
            f"pydata={tmp_path / 'archive'}",
            str(program),
            str(tmp_path / "packed"),
        ],
        ["sh", "-c", f"cat {program} {tmp_path / 'archive'} > {tmp_path / 'packed'}"],
    ):
        subprocess.check_call(make)
        packed = (tmp_path / "packed").read_bytes()
        assert isinstance(without_symbols(io.BytesIO(packed), len(packed)), UnchangedElf)
    subprocess.check_call(
        ["gcc", "-g", "-c", "-o", str(tmp_path / "object.o"), str(tmp_path / "program.c")]
    )
    data = (tmp_path / "object.o").read_bytes()
    assert isinstance(without_symbols(io.BytesIO(data), len(data)), UnchangedElf)


def test_what_strip_made_of_a_program_has_nothing_left_to_drop(tmp_path: Path) -> None:
    (tmp_path / "program.c").write_text("int main(void) { return 0; }\n")
    program = tmp_path / "program"
    subprocess.check_call(["gcc", "-s", "-o", str(program), str(tmp_path / "program.c")])
    data = program.read_bytes()
    assert without_symbols(io.BytesIO(data), len(data)) is None


@pytest.mark.go
@pytest.mark.syft
@pytest.mark.parametrize("mode", ["internal", "external"])
def test_go_keeps_its_build_record_its_traces_and_its_symbol_table(
    tmp_path: Path, mode: str
) -> None:
    (tmp_path / "main.go").write_text(GO)
    (tmp_path / "go.mod").write_text("module example.org/tool\n\ngo 1.18\n")
    program = tmp_path / "tool"
    subprocess.check_call(
        ["go", "build", "-ldflags", f"-linkmode={mode}", "-o", str(program), "."], cwd=tmp_path
    )
    light = lighter(program)
    assert ran(light) == ran(program)
    assert "deep true" in ran(light)[1]
    told = [
        process.run(["go", "version", "-m", str(each)], timeout=120).stdout.partition(b"\n")[2]
        for each in (program, light)
    ]
    assert told[0] == told[1] != b""
    assert " .symtab" in sections(light)
    assert ".debug_" not in sections(light)
    assert _syft(light, tmp_path / "one") == _syft(program, tmp_path / "two") != ""


def _syft(program: Path, root: Path) -> str:
    (root / "bin").mkdir(parents=True)
    shutil.copy(program, root / "bin" / "program")
    argv = [
        str(SYFT),
        "scan",
        f"dir:{root}",
        "-o",
        "template",
        "-t",
        str(root.parent / "list.tmpl"),
        "-q",
    ]
    (root.parent / "list.tmpl").write_text(
        "{{range .artifacts}}{{.purl}} {{.name}} {{.version}} {{.foundBy}}\n{{end}}"
    )
    home = {"HOME": str(root.parent), "SYFT_CHECK_FOR_APP_UPDATE": "false"}
    return process.run(argv, timeout=300, env=home).stdout.decode()


@pytest.mark.rust
def test_rust_panics_as_before(tmp_path: Path) -> None:
    (tmp_path / "main.rs").write_text(RUST)
    program = tmp_path / "main"
    subprocess.check_call(["rustc", "-g", "-o", str(program), str(tmp_path / "main.rs")])
    code, said = ran(lighter(program))
    assert (code, "true" in said, "index out of bounds" in said) == (0, True, True)
