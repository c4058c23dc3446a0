"""What a view writes, as text."""

import io
from collections.abc import Callable

from rich.console import Console

from careen.report.terminal_output.screen import open_console


def drawn(view: Callable[[Console], None], width: int, encoding: str = "utf-8") -> str:
    """What a view writes to a stream that is no terminal."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    view(open_console(stream, width))
    stream.flush()
    text = raw.getvalue().decode(encoding)
    stream.close()
    return text
