"""The application's own source text, for rules that ask what it mentions."""

from collections.abc import Iterator

from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.scene import Scene
from careen.plan.mechanisms.application.own_files import MAX_SCRIPT, SOURCES, roots
from careen.plan.mechanisms.application.packed_texts import (
    HEAD,
    NOTEBOOK,
    Allowance,
    PackedTexts,
    is_archive,
    is_sourceless,
)
from careen.plan.scanners.packed_text import Kind

MAX_SOURCE = 64 << 20
MAX_SETTING = 256 << 10
MAX_SETTINGS = 16 << 20
_SETTINGS = (".yaml", ".yml", ".json", ".ini", ".cfg", ".conf", ".toml", ".properties", ".env")
_PACKED = (".pyc", ".pyz", ".pex", ".zip", ".egg", ".whl", NOTEBOOK)
_READ = (Kind.SOURCE, Kind.BYTE_CODE)


def application_settings(scene: Scene) -> Iterator[tuple[ImagePath | None, bytes]]:
    """Yield the application's configuration, and the image's variables and command.

    Configuration is in the application's trees or below /etc, and belongs to no package. Files over
    256 KiB are skipped as data; at most 16 MiB are read.
    """
    config = scene.config
    words = (
        *config.entrypoint,
        *config.cmd,
        *(f"{key}={value}" for key, value in config.env.items()),
    )
    yield None, "\n".join(words).encode("utf-8", "replace")
    paths = [root for root, _ in roots(scene)]
    size = 0
    for root in (*paths, ImagePath("/etc")):
        for entry in scene.index.below(root):
            if (
                not entry.is_file
                or not entry.path.endswith(_SETTINGS)
                or entry.size > MAX_SETTING
                or size > MAX_SETTINGS
            ):
                continue
            if (
                entry.path not in scene.inventory.owners
                and "-packages/" not in entry.path
                and "/node_modules/" not in entry.path
            ):
                text = scene.text(entry)
                size += len(text)
                yield entry.path, text


def application_texts(scene: Scene) -> Iterator[tuple[ImagePath, bytes]]:
    """Yield the application's sources and scripts, at most 64 MiB.

    They lie in its trees, are unowned and used or on PATH, or are of distributions that are the
    application itself. Sources in archives and texts of byte code without a source count, too.
    """
    paths: dict[ImagePath, None] = {}
    for root, _ in roots(scene):
        paths.update(
            (entry.path, None)
            for entry in (scene.rootfs[root], *scene.index.below(root))
            if entry.is_file
        )
    paths.update(
        (path, None) for path in sorted(scene.uses) if scene.used_as(path, Use.OPENED, Use.EXECUTED)
    )
    paths.update(
        (path, None)
        for directory in scene.command_path
        for path in scene.rootfs.children(directory)
    )
    paths.update((path, None) for path in scene.own_installed)
    packed = PackedTexts(Allowance(), scene.rootfs.budget, MAX_SOURCE)
    size = 0
    for path in sorted(paths):
        entry = scene.rootfs.get(path)
        if (
            entry is None
            or not entry.is_file
            or not (path.endswith((*SOURCES, *_PACKED)) or entry.is_executable)
            or size > MAX_SOURCE
        ):
            continue
        others = (
            path in scene.inventory.owners
            or scene.library_of(path) is not None
            or "-packages/" in path
            or "/node_modules/" in path
        )
        if others and path not in scene.own_installed:
            continue
        text = b"" if path.endswith(SOURCES) else _packed_source(scene, entry, packed)
        if not text and (path.endswith(SOURCES) or entry.size <= MAX_SCRIPT):
            text = scene.text(entry)
            if not (path.endswith(SOURCES) or text.startswith(b"#!")):
                continue
        size += len(text)
        yield path, text


def _packed_source(scene: Scene, entry: Entry, packed: PackedTexts) -> bytes:
    with scene.rootfs.open(entry.path) as stream:
        if (
            not entry.path.endswith(NOTEBOOK)
            and not is_sourceless(entry.path)
            and not is_archive(entry.path, stream.read(HEAD))
        ):
            return b""
        stream.seek(0)
        return b"\n".join(
            part.data
            for part in packed.of(entry.path, stream)
            if part.kind in _READ and not part.foreign
        )
