"""Loading of an ignore file, with the format chosen by its name."""

from pathlib import Path

from careen.tools.read_file import read_file
from careen.triage.ignore_file import MAX_FILE, Rule, parse_ignore_file
from careen.triage.trivy_ignore import NAME as TRIVY
from careen.triage.trivy_ignore import parse_trivy_ignore


def load_ignore_file(path: Path) -> tuple[Rule, ...]:
    """Return the rules of a file: `.trivyignore` in Trivy's format, others as `.careenignore`.

    Raises ConfigError with file and line.
    """
    parse = parse_trivy_ignore if path.name == TRIVY else parse_ignore_file
    return parse(read_file(path, MAX_FILE), str(path))
