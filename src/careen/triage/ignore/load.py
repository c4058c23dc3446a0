"""Which shape an allow-list has: by its name, else by its content."""

from collections.abc import Callable, Mapping
from pathlib import Path

from careen.errors import ConfigError
from careen.tools.read_file import read_file
from careen.triage.ignore import allow_list, careen_lines, grype_yaml, trivy_lines, trivy_yaml
from careen.triage.ignore.rule import MAX_FILE
from careen.triage.ignore.shape import IgnoreList, Shape
from careen.triage.ignore.yaml_text import YamlFile, read_yaml_file

_YAML = (".yaml", ".yml")
_OF_FILE: Mapping[Shape, Callable[[YamlFile], IgnoreList]] = {
    allow_list.YAML: allow_list.yaml_list,
    trivy_yaml.SHAPE: trivy_yaml.trivy_list,
    grype_yaml.SHAPE: grype_yaml.grype_list,
}


def load_ignore_file(path: Path) -> IgnoreList:
    """Return the entries of a file in any of the shapes.

    Raises ConfigError with file and line for a shape or an entry that is not understood.
    """
    return read_entries(path.name, read_file(path, MAX_FILE), str(path))[1]


def read_entries(name: str, data: bytes, where: str) -> tuple[Shape, IgnoreList]:
    """Return the shape of a file, by its name and content, and its entries. Raises ConfigError."""
    if not _is_told_by_content(name):
        shape = shape_of(name, data, where)
        return shape, shape.parse(data, where)
    file = read_yaml_file(data, where)
    shape = _yaml_shape(file)
    return shape, _OF_FILE[shape](file)


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
    if _is_told_by_content(name):
        return _yaml_shape(read_yaml_file(data, where))
    return careen_lines.SHAPE


def _is_told_by_content(name: str) -> bool:
    return name.endswith(_YAML) and name not in {*trivy_yaml.NAMES, *grype_yaml.NAMES}


def _yaml_shape(file: YamlFile) -> Shape:
    value = file.value
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
        f"{file.name}: not an allow-list that careen knows: expected a list of entries,"
        f" {trivy_yaml.KEY}: (Trivy), {grype_yaml.KEY}: (Grype), or"
        f" {', '.join(allow_list.KEYS[:-1])}: with a list (docs/exceptions.md)"
    )
    raise ConfigError(msg)
