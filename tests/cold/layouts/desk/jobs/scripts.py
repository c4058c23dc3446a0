"""Scripts that are run by their paths, in this process."""

import runpy
from pathlib import Path

FOLDER = Path("/srv/desk/scripts")


def run(*names):
    for name in names:
        found = runpy.run_path(str(FOLDER / f"{name}.py"), {"given": 3}, "__main__")
        print(name, found.get("answer"))
    print(runpy.run_module("desk.manual", {}, "__main__")["pages"])
    print(runpy.run_path(str(FOLDER / "bundle"))["answer"])
