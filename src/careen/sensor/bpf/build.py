"""Compile `careen-sensor`: three light skeletons and the static helper that holds them.

    python src/careen/sensor/bpf/build.py [OUTPUT]

The skeletons are full, without io_uring, and core. Needs clang 14 or newer, llvm-strip, bpftool,
the libbpf headers, and gcc with a static libc; an error names the Debian package. Nothing is built
if the hash beside the output matches the sources. Standard library only: the wheel build runs it
before careen can be imported.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VARIANTS = {"full": ("-DWITH_LOADER", "-DWITH_URING"), "loader": ("-DWITH_LOADER",), "core": ()}
TARGETS = {"x86_64": "x86"}  # machine → libbpf's name; a new one needs its arch_*.h
CLANG_VERSIONS = range(30, 13, -1)


class BuildError(Exception):
    """The sensor cannot be built; the message is one line that says what to install."""


def machine() -> str:
    """Return this machine's architecture; raise BuildError if the sensor does not support it."""
    name = platform.machine()
    if name not in TARGETS:
        msg = f"the sensor has no system call table for {name!r} yet (it has {', '.join(TARGETS)})"
        raise BuildError(msg)
    return name


def default_output() -> Path:
    """Return the path where the package looks for the helper."""
    return HERE.parent / "bin" / machine() / "careen-sensor"


def _find(package: str, *names: str) -> str:
    for name in names:
        found = shutil.which(name, path=f"{_path()}:/usr/local/sbin:/usr/sbin:/sbin")
        if found:
            return found
    msg = f"building the sensor needs {names[-1]}: install it (Debian: apt-get install {package})"
    raise BuildError(msg)


def _path() -> str:
    import os

    return os.environ.get("PATH", "/usr/bin:/bin")


def _run(*argv: str) -> bytes:
    # careen cannot be imported while it is being built
    done = subprocess.run(argv, capture_output=True, check=False)  # noqa: TID251
    if done.returncode != 0:
        msg = (
            f"building the sensor: {' '.join(argv)}"
            f" failed:\n{done.stderr.decode(errors='replace').strip()}"
        )
        raise BuildError(msg)
    return done.stdout


def sources_hash() -> str:
    """Return a hash of all sources of the helper, including this script."""
    digest = hashlib.sha256()
    for path in sorted([*HERE.glob("*.c"), *HERE.glob("*.h"), HERE / "build.py"]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _skeleton(name: str, flags: tuple[str, ...], work: Path) -> None:
    clang = _find("clang", "clang", *(f"clang-{n}" for n in CLANG_VERSIONS), "clang")
    strip = _find("llvm", "llvm-strip", *(f"llvm-strip-{n}" for n in CLANG_VERSIONS), "llvm-strip")
    bpftool = _find("bpftool", "bpftool")
    if not any(
        Path(root, "bpf/bpf_helpers.h").exists() for root in ("/usr/include", "/usr/local/include")
    ):
        msg = (
            "building the sensor needs the libbpf headers: install them (Debian: apt-get install"
            " libbpf-dev)"
        )
        raise BuildError(msg)
    obj = work / f"sensor_{name}.bpf.o"
    target = TARGETS[machine()]
    _run(
        clang,
        "-g",
        "-O2",
        "-mcpu=v3",
        "-target",
        "bpf",
        f"-D__TARGET_ARCH_{target}",
        "-Wall",
        "-Werror",
        *flags,
        "-c",
        str(HERE / "sensor.bpf.c"),
        "-o",
        str(obj),
    )
    _run(strip, "-g", str(obj))
    header = _run(bpftool, "gen", "skeleton", "-L", str(obj), "name", f"sensor_{name}")
    (work / f"sensor_{name}.lskel.h").write_bytes(header)


def _helper(work: Path) -> Path:
    gcc = _find("gcc libc6-dev", "gcc")
    built = work / "careen-sensor"
    _run(
        gcc,
        "-O2",
        "-static",
        "-s",
        "-Wall",
        "-Werror",
        "-Wno-unused",
        f"-I{work}",
        f"-I{HERE}",
        "-o",
        str(built),
        str(HERE / "helper.c"),
    )
    return built


def build(output: Path) -> bool:
    """Build `output` if it is out of date; return whether it was built.

    Raises BuildError.
    """
    stamp = output.with_suffix(".sources")
    current = sources_hash()
    if output.exists() and stamp.exists() and stamp.read_text() == current:
        return False
    with tempfile.TemporaryDirectory(prefix="careen-sensor-") as directory:
        work = Path(directory)
        for name, flags in VARIANTS.items():
            _skeleton(name, flags, work)
        built = _helper(work)
        output.parent.mkdir(parents=True, exist_ok=True)
        fresh = output.with_suffix(".new")  # replaced atomically: a running helper keeps its file
        shutil.copy2(built, fresh)
        fresh.chmod(0o755)
        fresh.replace(output)
        stamp.write_text(current)
    return True


def main() -> int:
    """Build from the command line."""
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else default_output()
    try:
        done = build(output)
    except BuildError as error:
        print(error, file=sys.stderr)  # noqa: T201 — a build script
        return 1
    print(f"{output}: {'built' if done else 'is up to date'}")  # noqa: T201 — a build script
    return 0


if __name__ == "__main__":
    sys.exit(main())
