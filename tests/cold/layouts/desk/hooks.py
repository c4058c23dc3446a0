"""What plugins may implement."""

import pluggy

hookspec = pluggy.HookspecMarker("desk")


@hookspec
def on_word(word):
    """Say something about a word."""
