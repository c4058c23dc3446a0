"""Run every benchmark of this folder, one after the other: `python -m bench [NAME …]`.

A benchmark is a module with a command line of its own that takes `--json FILE` and prints its
figures; they go to build/bench/NAME.json too.
"""

import sys
from pathlib import Path

from bench._room import ending
from careen.tools.process import run

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "build" / "bench"
LIMIT = 3600.0


def names() -> list[str]:
    """Name the benchmarks, in the order in which they run."""
    return sorted(path.stem for path in HERE.glob("[a-z]*.py"))


def main(wanted: list[str]) -> int:
    """Run them; a benchmark that fails does not stop the next one. Exit 1 if any failed."""
    known = names()
    if unknown := sorted(set(wanted) - set(known)):
        print(f"bench: no benchmark {unknown[0]!r}; there are {', '.join(known)}", file=sys.stderr)
        return 1
    RESULTS.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in wanted or known:
        print(f"== {name}", flush=True)
        with ending():
            done = run(
                [sys.executable, "-m", f"bench.{name}", "--json", str(RESULTS / f"{name}.json")],
                timeout=LIMIT,
                cwd=str(HERE.parent),
            )
        print(done.text, end="")
        if done.status != 0:
            print(f"bench: {name} failed: {done.complaint}", file=sys.stderr)
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
