"""Check the files that a repository keeps for careen, without an image."""

from pathlib import Path

from careen.errors import InputError
from careen.triage.ignore.careen_lines import NAME as IGNORED
from careen.triage.ignore.load import load_ignore_file
from careen.workload.configuration.project import load_config
from careen.workload.validate import validate_workload

CONFIG = "careen.toml"


def check_files(named: tuple[Path, ...]) -> tuple[Path, ...]:
    """Read the files as the other verbs would, and return them.

    None named: careen.toml and .careenignore here. A name that ends with .toml is read as
    careen.toml, another as a list of exceptions. Raises ConfigError with file and line.
    """
    files = named or tuple(path for path in (Path(CONFIG), Path(IGNORED)) if path.is_file())
    if not files:
        msg = f"there is no {CONFIG} and no {IGNORED} here; name the files to check"
        raise InputError(msg)
    for path in files:
        if path.suffix == ".toml":
            for workload in load_config(path).workloads:
                validate_workload(workload)
        else:
            load_ignore_file(path)
    return files
