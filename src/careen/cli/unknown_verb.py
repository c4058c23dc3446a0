"""Advice for an unknown command."""

from collections.abc import Collection
from difflib import get_close_matches

import click

# Commands of other tools, and their equivalents here.
_ELSEWHERE = {
    "version": "careen --version",
    "sbom": "careen scan IMAGE -o cyclonedx-sbom=FILE",
    "vex": "careen scan IMAGE -o openvex=FILE",
    "image": "careen scan IMAGE",
    "build": "careen harden IMAGE -t TAG --test COMMAND",
    "slim": "careen harden IMAGE -t TAG --test COMMAND",
    "explain": "careen why IMAGE PATH",
    "compare": "careen diff IMAGE IMAGE",
    "clean": "careen doctor",
    "update": "careen db update",
}


def advice(name: str, verbs: Collection[str], path: str = "careen") -> str:
    """Return `; did you mean …?` for an unknown command of `path`, or ""."""
    close = get_close_matches(name, verbs, 1)
    if close:
        return f"; did you mean `{path} {close[0]}`?"
    return f"; use `{_ELSEWHERE[name]}`" if name in _ELSEWHERE and path == "careen" else ""


class VerbsBelow(click.Group):
    """Verbs below a verb; an unknown one is answered with the nearest."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command of the arguments, or raise UsageError."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            said = advice(name, self.list_commands(ctx), ctx.command_path)
            msg = f"no command {name!r}{said}"
            raise click.UsageError(msg, ctx)
        return super().resolve_command(ctx, args)
