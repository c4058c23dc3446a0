"""What backends and areas share."""

import contextlib
import io
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

MODELS = Path(os.environ.get("MODELS", "/models"))
log = logging.getLogger("serving")


class Tries:
    """What was tried, by name: its value, or the error that it ended with."""

    def __init__(self, shown: int = 300) -> None:
        self._shown = shown
        self.done: dict[str, Any] = {}

    def __call__(self, name: str, function: Callable[[], Any]) -> None:
        try:
            self.done[name] = plain(function())
        except Exception as error:
            text = re.sub(r"0x[0-9a-f]+|/tmp/\S+|(?<=Available frontends: ).*", "…", " ".join(str(error).split()))
            self.done[name] = f"{type(error).__name__}: {text[: self._shown]}"


def plain(value: Any) -> Any:
    """Make JSON of a value: numbers rounded, arrays as lists."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, complex):
        return [round(value.real, 3), round(value.imag, 3)]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return round(value, 3) + 0.0 if value == value else "nan"
    return str(value)


@contextlib.contextmanager
def said() -> Iterator[io.StringIO]:
    """What Python code writes to standard output meanwhile."""
    kept, sys.stdout = sys.stdout, io.StringIO()
    try:
        yield sys.stdout
    finally:
        sys.stdout = kept
