"""Names of tar entries, cleaned as the engines do it (Go's `path.Clean`)."""

from careen.errors import ImageError
from careen.model.paths import image_path


def entry_parts(name: str, where: str) -> list[str]:
    """Return the parts of an entry's path, none for the root.

    Raises ImageError for a name that leaves the root, or that no file system accepts.
    """
    if ".." not in name.split("/"):  # as nearly every name
        path = image_path(name, where)
        return path[1:].split("/") if path != "/" else []
    parts: list[str] = []
    for part in name.split("/"):
        if part == ".." and not parts:
            msg = f"{where}: path leaves the image root: {name[:200]!r}"
            raise ImageError(msg)
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return entry_parts("/".join(parts), where)
