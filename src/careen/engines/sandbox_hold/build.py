"""Compile `hold`, the static first program of a sandbox's container.

    python src/careen/engines/sandbox_hold/build.py [OUTPUT]

Needs gcc with a static libc. Nothing is built if the hash beside the output matches the sources.
Standard library only: the wheel build runs it before careen can be imported.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "hold.c"


class BuildError(Exception):
    """The program cannot be built; the message is one line that says what to install."""


def default_output() -> Path:
    """Return the path where the package looks for the program."""
    return HERE.parent / "bin" / platform.machine() / "hold"


def build(output: Path) -> bool:
    """Build `output` if it is out of date; return whether it was built.

    Raises BuildError.
    """
    stamp = output.with_suffix(".sources")
    current = hashlib.sha256(SOURCE.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    if output.exists() and stamp.exists() and stamp.read_text() == current:
        return False
    gcc = shutil.which("gcc")
    if gcc is None:
        msg = (
            "building the sandbox's first program needs gcc: install it (Debian: apt-get install"
            " gcc libc6-dev)"
        )
        raise BuildError(msg)
    output.parent.mkdir(parents=True, exist_ok=True)
    fresh = output.with_suffix(".new")  # replaced atomically: a running program keeps its file
    argv = (
        gcc,
        "-Os",
        "-static",
        "-s",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Wl,--build-id=none",
        "-o",
        str(fresh),
        str(SOURCE),
    )
    # careen cannot be imported while it is being built
    done = subprocess.run(argv, capture_output=True, check=False)  # noqa: TID251
    if done.returncode != 0:
        msg = (
            f"building the sandbox's first program: {' '.join(argv)}"
            f" failed:\n{done.stderr.decode(errors='replace').strip()}"
        )
        raise BuildError(msg)
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
