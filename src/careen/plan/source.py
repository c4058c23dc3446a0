"""The application's own source text, for rules that ask what it mentions."""

from careen.model.paths import ImagePath
from careen.model.trace import Use
from careen.plan.application import MAX_SCRIPT, SOURCES, roots
from careen.plan.scene import Scene

MAX_SOURCE = 64 << 20


def application_source(scene: Scene) -> bytes:
    """Return the text of the sources and scripts in the application's trees, of unowned ones that were used or lie on PATH, and of distributions that are
    the application itself, joined; at most 64 MiB.
    """
    paths: dict[ImagePath, None] = {}
    for root, _ in roots(scene):
        paths.update((entry.path, None) for entry in (scene.rootfs[root], *scene.index.below(root)) if entry.is_file)
    paths.update((path, None) for path in sorted(scene.uses) if scene.used_as(path, Use.OPENED, Use.EXECUTED))
    paths.update((path, None) for directory in scene.command_path for path in scene.rootfs.children(directory))
    paths.update((path, None) for path in scene.own_installed)
    parts: list[bytes] = []
    size = 0
    for path in sorted(paths):
        entry = scene.rootfs.get(path)
        if entry is None or not entry.is_file or not (path.endswith(SOURCES) or entry.is_executable) or size > MAX_SOURCE:
            continue
        others = path in scene.inventory.owners or scene.library_of(path) is not None or "-packages/" in path or "/node_modules/" in path
        if others and path not in scene.own_installed:
            continue
        text = scene.text(entry) if path.endswith(SOURCES) or entry.size <= MAX_SCRIPT else b""
        if path.endswith(SOURCES) or text.startswith(b"#!"):
            parts.append(text)
            size += len(text)
    return b"\n".join(parts)
