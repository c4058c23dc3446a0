"""The program that tries to get out of its container, put into the image of the engine tests."""

import subprocess
from pathlib import Path

from tests.support.engine_bench import Bench

PATH = "/bin/escape"


def build_escape(directory: Path) -> bytes:
    """Compile the program and return its bytes."""
    out = directory / "escape"
    source = Path(__file__).with_name("escape_probes.c")
    words = ["gcc", "-O1", "-Wall", "-Werror", "-static", "-o", str(out), str(source)]
    subprocess.check_call(words)
    return out.read_bytes()


def with_escape(bench: Bench, program: bytes) -> Bench:
    """Return the bench with the program in its image."""
    return bench.with_files({PATH: (program, 0o755, 0, 0)})


def results(text: str) -> dict[str, str]:
    """Read `name=result` lines. A line of another form is an error."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, result = line.rpartition("=")
        assert name, line
        assert equals, line
        assert name not in found, line
        found[name] = result
    return found
