"""Secrets that a scan of an image suspects: their places and kinds, never their values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SuspectedSecret:
    """A place that looks like a secret.

    `kind` is the scanner's rule. `where` is a path of the image or a key of its configuration.
    `layer` counts from 0, -1 for the configuration. `line` is that of a text, 0 for other bytes;
    `offset` is the byte at which the looked-at part begins. `deleted`: a later layer removes or
    replaces the file. `package` is the purl of the package that installed it, or "".
    """

    kind: str
    where: str
    layer: int
    line: int
    offset: int
    deleted: bool = False
    package: str = ""

    @property
    def place(self) -> str:
        """Where it is, in words: `layer 2, line 7, removed by a later layer`."""
        if self.layer < 0:
            return "configuration"
        at = f"line {self.line}" if self.line else f"byte {self.offset}"
        return f"layer {self.layer}, {at}" + (
            ", removed or replaced by a later layer" if self.deleted else ""
        )


@dataclass(frozen=True, slots=True)
class SecretException:
    """An entry of the user's list: kinds and paths that are no secrets, with the reason.

    `kind` and `where` are globs. `end` is the last day (YYYY-MM-DD), "" for none.
    """

    kind: str
    where: str
    reason: str
    place: str
    end: str = ""


@dataclass(frozen=True, slots=True)
class ExcusedSecret:
    """A suspected secret, and why it does not count."""

    secret: SuspectedSecret
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class SecretScan:
    """What one scan looked at, and what it suspects.

    `excused` are in files that a package of a distribution installed, or named by an entry.
    `unread` says what was left out, and why: with it, finding nothing proves nothing.
    """

    scanner: str
    files: int
    bytes: int
    suspected: tuple[SuspectedSecret, ...]
    excused: tuple[ExcusedSecret, ...] = ()
    unread: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
