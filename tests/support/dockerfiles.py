"""Skip tests of Dockerfiles where docker's parser has no wheel, and nowhere else."""

import platform

import pytest


def needs_parser() -> None:
    """Skip unless the parser is installed; on x86_64 it must be, and its import fails."""
    if platform.machine() == "x86_64":
        import dockerfile  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: F401
    else:
        pytest.importorskip("dockerfile", reason="no wheel of docker's parser for this processor")
