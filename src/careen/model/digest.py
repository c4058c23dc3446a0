"""Content digests as the OCI image specification writes them (`algorithm:encoded`)."""

import re
from dataclasses import dataclass
from typing import Self

from careen.errors import ImageError

_SHA256 = re.compile(r"sha256:([0-9a-f]{64})\Z")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A sha256 digest: 64 lower-case hex characters."""

    hex: str

    @classmethod
    def parse(cls, text: object, where: str) -> Self:
        """Parse `sha256:<64 hex>`. Raises ImageError, naming `where`, for other algorithms too."""
        match = _SHA256.match(text) if isinstance(text, str) else None
        if match is None:
            msg = f"{where}: not a sha256 digest: {text!r}"
            raise ImageError(msg)
        return cls(match.group(1))

    def __str__(self) -> str:
        return f"sha256:{self.hex}"
