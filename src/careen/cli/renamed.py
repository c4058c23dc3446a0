"""Option with earlier names, which still work but are not in the help."""

from collections.abc import Sequence
from typing import Any

import click


class Renamed(click.Option):
    """Option with additional names `old`, hidden in the help."""

    def __init__(self, *given: Any, old: Sequence[str], **more: Any) -> None:
        super().__init__(*given, **more)
        self._shown = list(self.opts)
        self.opts = [*self.opts, *old]

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the help record with the current names only."""
        known, self.opts = self.opts, self._shown
        try:
            return super().get_help_record(ctx)
        finally:
            self.opts = known
