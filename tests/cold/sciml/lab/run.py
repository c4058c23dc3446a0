"""`python -m lab.run JOB [PART …]`: a line for each part, `name: told`; a part that fails says so, and its traceback goes to the log."""

import importlib
import inspect
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterable


def told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{key}={told(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return " ".join(told(item) for item in value)
    return str(value)


def parts_of(name: str) -> dict:
    module = importlib.import_module(f"lab.jobs.{name}")
    return {key: item for key, item in vars(module).items() if inspect.isfunction(item) and item.__module__ == module.__name__ and not key.startswith("_")}


def main(name: str, wanted: Iterable[str]) -> int:
    logging.basicConfig(level=os.environ.get("LAB_LOG", "WARNING"), format="%(asctime)s %(name)s %(levelname)s %(message)s")
    warnings.simplefilter("ignore")
    try:
        found = parts_of(name)
    except ModuleNotFoundError as error:
        if error.name == f"lab.jobs.{name}":
            return 4
        raise
    failed = 0
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        os.chdir(folder)
        for part in list(wanted) or found:
            try:
                print(f"{part}: {told(found[part]())}", flush=True)
            except Exception as error:
                failed += 1
                first = (str(error).splitlines() or [""])[0]
                print(f"!! {part}: {type(error).__name__}: {first}", flush=True)
                logging.getLogger("lab").exception("%s.%s", name, part)
        os.chdir("/")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
