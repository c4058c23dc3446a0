"""Settings and data of an application: its files that name modules, paths and commands."""

import re

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name
from careen.plan.core.scene import Scene
from careen.plan.scanners.database_texts import HEADER, MAX_DATABASE, texts_of

_SUFFIXES = (
    *(".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf"),
    *(".properties", ".env", ".xml", ".plist", ".sql", ".csv", ".tsv", ".txt", ".list"),
    *(".json5", ".jsonc", ".jsonnet", ".libsonnet", ".hcl", ".hocon", ".gin"),
    *(".pbtxt", ".textproto", ".prototxt"),  # of model servers
    *(".service", ".smk", ".nf", ".wdl", ".cwl"),  # of an init system and of workflows
)
_TEMPLATES = re.compile(r"\.(?:j2|jinja2?|tmpl|tpl|template|dist|in|erb|mustache|hbs)\Z")
_FRONT_MATTER = (b"---\n", b"---\r\n", b"+++\n", b"+++\r\n")
_PROSE = (".md", ".mdx", ".mdc")
_NAMES = re.compile(
    r"\.env\.[\w.-]{1,60}\Z|Procfile\Z|[Jj]ustfile\Z|Snakefile\Z|\.?gitconfig\Z|MLmodel\Z"
)
_DATABASES = (".db", ".sqlite", ".sqlite3", ".db3")


def without_template(path: ImagePath) -> str:
    """Return a file's name without what marks a template: `job.py` of `job.py.j2`."""
    return _TEMPLATES.sub("", name(path))


def is_settings(path: ImagePath) -> bool:
    """Return whether a file has settings, a table or a database, by its name.

    A template of settings (`conf.yaml.j2`) counts, and so may prose: `text_of` tells.
    """
    base = without_template(path)
    return base.endswith((*_SUFFIXES, *_DATABASES, *_PROSE)) or _NAMES.match(base) is not None


def text_of(scene: Scene, entry: Entry, most: int) -> bytes:
    """Return the text of settings of at most `most` bytes, or the texts of a database, one a line.

    Empty for a larger file, for a database of another kind than SQLite, and for prose without
    settings before it: nothing but people reads that.
    """
    base = without_template(entry.path)
    if base.endswith(_PROSE):
        # A README with them is a model's card.
        if base.upper().startswith("README"):
            return b""
        text = scene.text(entry) if entry.size <= most else b""
        return text if text.startswith(_FRONT_MATTER) else b""
    if not base.endswith(_DATABASES):
        return scene.text(entry) if entry.size <= most else b""
    if not entry.is_file:
        return b""
    with scene.rootfs.open(entry.path) as stream:
        data = stream.read(len(HEADER))
        data = data + stream.read(MAX_DATABASE) if data == HEADER else b""
    return "\n".join(texts_of(data)).encode("utf-8", "replace")
