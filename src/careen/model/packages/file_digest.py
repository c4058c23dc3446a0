"""The digest of a file as its package states it."""

from dataclasses import dataclass

from careen.model.paths import ImagePath


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file's path, and its digest (hex) by hashlib's name of the algorithm."""

    path: ImagePath
    algorithm: str
    digest: str
