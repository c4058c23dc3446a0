"""Which shape an allow-list has: by its name, else by its content."""

from pathlib import Path

from careen.errors import ConfigError
from careen.tools.read_file import read_file
from careen.triage.ignore import allow_list, careen_lines, grype_yaml, trivy_lines, trivy_yaml
from careen.triage.ignore.rule import MAX_FILE
from careen.triage.ignore.shape import IgnoreList, Shape
from careen.triage.ignore.yaml_text import read_yaml_file

_YAML = (".yaml", ".yml")


def load_ignore_file(path: Path) -> IgnoreList:
    """Return the entries of a file in any of the shapes.

    Raises ConfigError with file and line for a shape or an entry that is not understood.
    """
    data = read_file(path, MAX_FILE)
    return shape_of(path.name, data, str(path)).parse(data, str(path))


def shape_of(name: str, data: bytes, where: str) -> Shape:
    """Return the shape of a file by its name, and by its content where the name does not tell.

    `.trivyignore`, `.trivyignore.yaml` and `.grype.yaml` are those tools'; other YAML and JSON is
    told by its members; everything else is careen's. Raises ConfigError for unknown members.
    """
    if name == trivy_lines.NAME:
        return trivy_lines.SHAPE
    if name in trivy_yaml.NAMES:
        return trivy_yaml.SHAPE
    if name in grype_yaml.NAMES:
        return grype_yaml.SHAPE
    if name.endswith(".json"):
        return allow_list.JSON
    return _yaml_shape(data, where) if name.endswith(_YAML) else careen_lines.SHAPE


def _yaml_shape(data: bytes, where: str) -> Shape:
    value = read_yaml_file(data, where).value
    if value is None or isinstance(value, list):
        return allow_list.YAML
    if isinstance(value, dict):
        if trivy_yaml.KEY in value:
            return trivy_yaml.SHAPE
        listed = value.get(grype_yaml.KEY)
        own = isinstance(listed, list) and any(
            isinstance(each, dict) and any(name in each for name in allow_list.IDENTIFIERS)
            for each in listed
        )
        if grype_yaml.KEY in value and not own:
            return grype_yaml.SHAPE
        if any(key in value for key in allow_list.KEYS):
            return allow_list.YAML
    msg = (
        f"{where}: not an allow-list that careen knows: expected a list of entries,"
        f" {trivy_yaml.KEY}: (Trivy), {grype_yaml.KEY}: (Grype), or"
        f" {', '.join(allow_list.KEYS[:-1])}: with a list (docs/exceptions.md)"
    )
    raise ConfigError(msg)
