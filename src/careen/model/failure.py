"""The last failure of something that passes repeat."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """The last failure of an image.

    `inputs` is the fingerprint that it failed with, `times` how often, `since` (RFC 3339) the first
    time. The next try is at `until` (seconds since 1970).
    """

    inputs: str
    status: int
    sentence: str
    times: int
    since: str
    until: int
