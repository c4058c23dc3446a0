"""`python -m plates.desk AREA [PART ...]`: a line for each part, `part: answer`; a part that fails says so in short, and at length in the log."""

import importlib
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterable

NO_AREA = 44


def brief(value: object) -> str:
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return " ".join(f"{key}={brief(item)}" for key, item in value.items())
    if isinstance(value, list | tuple | set):
        return ",".join(brief(item) for item in value)
    return str(value)


def parts(area: str) -> dict[str, Callable[[], object]]:
    module = importlib.import_module("plates.areas." + area)
    return {name: item for name, item in vars(module).items() if callable(item) and getattr(item, "__module__", "") == module.__name__ and name[0] != "_"}


def main(area: str, wanted: Iterable[str] = ()) -> int:
    warnings.simplefilter("ignore")
    try:
        known = parts(area)
    except ModuleNotFoundError as error:
        if error.name != "plates.areas." + area:
            raise
        return NO_AREA
    bad = 0
    with tempfile.TemporaryDirectory(prefix="plates-") as folder:
        os.chdir(folder)
        for part in list(wanted) or list(known):
            try:
                print(f"{part}: {brief(known[part]())}", flush=True)
            except Exception as error:
                bad += 1
                print(f"!! {part}: {type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}", flush=True)
                traceback.print_exc()
        os.chdir("/")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
