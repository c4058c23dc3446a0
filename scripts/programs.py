"""Compile careen's own C programs into the package.

    python scripts/programs.py [--for MACHINE] [NAME]

`sensor` is `careen-sensor`: three light skeletons (full, without io_uring, and core) and the static
helper that holds them. `hold` is the static first program of a patch sandbox, `probe` the one that
tries a policy. Nothing is compiled if the hash beside the output matches the sources. --for takes a
cross-compiler's machine (aarch64); the default is this machine's. Standard library only: the wheel
build and `scripts/setup.sh` run it before careen can be imported.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "careen"
VARIANTS = {"full": ("-DWITH_LOADER", "-DWITH_URING"), "loader": ("-DWITH_LOADER",), "core": ()}
TARGETS = {"x86_64": "x86", "aarch64": "arm64"}  # → libbpf's name; a new one needs its arch_*.h
VERSIONS = range(30, 13, -1)  # of LLVM
INCLUDES = (Path("/usr/include"), Path("/usr/local/include"))


class BuildError(Exception):
    """A program cannot be compiled; the message says what to install, or what a tool printed."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program, the folder of its sources, and the folder below which the package looks for it."""

    title: str
    sources: Path
    into: Path
    file: str
    compile: Callable[[Path, Path, str], None]  # of the sources, into the given file, for a machine

    @property
    def output(self) -> Path:
        """The file that the package runs on this machine."""
        return self.output_for(platform.machine())

    def output_for(self, machine: str) -> Path:
        """The file that the package runs on a machine."""
        return self.into / machine / self.file


def _find(package: str, *names: str) -> str:
    path = f"{os.environ.get('PATH', '/usr/bin:/bin')}:/usr/local/sbin:/usr/sbin:/sbin"
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    raise _lack(names[0], "it", package)


def _lack(what: str, them: str, package: str) -> BuildError:
    return BuildError(f" needs {what}: install {them} (Debian: apt-get install {package})")


def _run(*argv: str) -> bytes:
    # careen cannot be imported while it is being built
    done = subprocess.run(argv, capture_output=True, check=False)  # noqa: TID251
    if done.returncode != 0:
        printed = done.stderr.decode(errors="replace").strip()
        raise BuildError(f": {' '.join(argv)} failed:\n{printed}")
    return done.stdout


def _skeleton(sources: Path, name: str, flags: tuple[str, ...], work: Path, machine: str) -> None:
    clang = _find("clang", "clang", *(f"clang-{version}" for version in VERSIONS))
    strip = _find("llvm", "llvm-strip", *(f"llvm-strip-{version}" for version in VERSIONS))
    bpftool = _find("bpftool", "bpftool")
    if not any((root / "bpf/bpf_helpers.h").exists() for root in INCLUDES):
        raise _lack("the libbpf headers", "them", "libbpf-dev")
    made = str(work / f"sensor_{name}.bpf.o")
    target = ("-target", "bpf", f"-D__TARGET_ARCH_{TARGETS[machine]}")
    options = ("-g", "-O2", "-mcpu=v3", *target, "-Wall", "-Werror", *flags, *_same(sources, work))
    _run(clang, *options, "-c", str(sources / "sensor.bpf.c"), "-o", made)
    _run(strip, "-g", made)
    header = _run(bpftool, "gen", "skeleton", "-L", made, "name", f"sensor_{name}")
    (work / f"sensor_{name}.lskel.h").write_bytes(header)


def _sensor(sources: Path, output: Path, machine: str) -> None:
    if machine not in TARGETS:
        raise BuildError(f": no system call table for {machine!r} yet (only {', '.join(TARGETS)})")
    for name, flags in VARIANTS.items():
        _skeleton(sources, name, flags, output.parent, machine)
    options = ("-O2", "-static", "-s", "-Wall", "-Werror", "-Wno-unused", "-Wl,--build-id=none")
    same = _same(sources, output.parent)
    # libbpf's headers are this machine's; those of the C library come first.
    includes = (f"-I{output.parent}", f"-I{sources}", "-idirafter", "/usr/include")
    _run(_gcc(machine), *options, *same, *includes, "-o", str(output), str(sources / "helper.c"))


def _hold(sources: Path, output: Path, machine: str) -> None:
    options = ("-Os", "-static", "-s", "-Wall", "-Wextra", "-Werror", "-Wl,--build-id=none")
    _run(_gcc(machine), *options, "-o", str(output), str(sources / "hold.c"))


def _probe(sources: Path, output: Path, machine: str) -> None:
    options = ("-Os", "-static", "-s", "-Wall", "-Wextra", "-Werror", "-Wl,--build-id=none")
    _run(_gcc(machine), *options, "-o", str(output), str(sources / "probe.c"))


def _same(*folders: Path) -> tuple[str, ...]:
    """Return the options that leave the names of folders out of what is compiled."""
    names = (f"-ffile-prefix-map={folder}=." for folder in folders)
    return (*names, f"-fdebug-prefix-map={Path.cwd()}=.")


def _gcc(machine: str) -> str:
    if machine == platform.machine():
        return _find("gcc libc6-dev", "gcc")
    return _find(f"gcc-{machine}-linux-gnu", f"{machine}-linux-gnu-gcc")


PROGRAMS = {
    "sensor": Program(
        "the sensor", PACKAGE / "sensor/bpf", PACKAGE / "sensor/bin", "careen-sensor", _sensor
    ),
    "hold": Program(
        "the sandbox's first program",
        PACKAGE / "engines/sandbox_hold",
        PACKAGE / "engines/bin",
        "hold",
        _hold,
    ),
    "probe": Program(
        "the program that tries a policy",
        PACKAGE / "policy/probe",
        PACKAGE / "policy/bin",
        "probe",
        _probe,
    ),
}


def sources_hash(program: Program) -> str:
    """Return a hash of all sources of a program, including this script."""
    digest = hashlib.sha256()
    sources = sorted(path for path in program.sources.iterdir() if path.suffix in (".c", ".h"))
    for path in (*sources, Path(__file__)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build(program: Program, machine: str = "") -> bool:
    """Compile a program if its output is out of date; return whether it was compiled.

    `machine` is a `uname -m` name, this machine's by default. Raises BuildError.
    """
    machine = machine or platform.machine()
    output = program.output_for(machine)
    stamp = output.with_suffix(".sources")
    current = sources_hash(program)
    if output.exists() and stamp.exists() and stamp.read_text() == current:
        return False
    with tempfile.TemporaryDirectory(prefix="careen-build-") as directory:
        made = Path(directory) / program.file
        try:
            program.compile(program.sources, made, machine)
        except BuildError as error:
            raise BuildError(f"building {program.title}{error}") from None
        output.parent.mkdir(parents=True, exist_ok=True)
        fresh = output.with_suffix(".new")  # replaced atomically: one that runs keeps its file
        shutil.copy2(made, fresh)
        fresh.chmod(0o755)
        fresh.replace(output)
        stamp.write_text(current)
    return True


def main(names: list[str]) -> int:
    """Compile the named programs, or all, from the command line."""
    machine = platform.machine()
    if names[:1] == ["--for"]:
        machine, names = "".join(names[1:2]), names[2:]
        if machine not in TARGETS:
            print(f"programs: --for takes {' or '.join(TARGETS)}", file=sys.stderr)
            return 2
    wrong = [name for name in names if name not in PROGRAMS]
    if wrong:
        print(f"programs: expected {' or '.join(PROGRAMS)}, got {wrong[0]!r}", file=sys.stderr)
        return 2
    for name in names or PROGRAMS:
        program = PROGRAMS[name]
        try:
            done = build(program, machine)
        except BuildError as error:
            print(error, file=sys.stderr)
            return 1
        print(f"{program.output_for(machine)}: {'built' if done else 'is up to date'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
