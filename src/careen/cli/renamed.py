"""An option that has had another name: the old one still works, and help does not show it."""

from collections.abc import Sequence
from typing import Any

import click


class Renamed(click.Option):
    """An option with the names `old` besides, which no help lists."""

    def __init__(self, *given: Any, old: Sequence[str], **more: Any) -> None:
        super().__init__(*given, **more)
        self._shown = list(self.opts)
        self.opts = [*self.opts, *old]

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return what help says of it, under its names of today."""
        known, self.opts = self.opts, self._shown
        try:
            return super().get_help_record(ctx)
        finally:
            self.opts = known
