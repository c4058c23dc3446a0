"""Whether a source lists processes by proc(5), or does without a program that lists them."""

import re

LISTERS = frozenset({"ps"})
"""Programs that print nothing but what proc(5) has about processes."""
_READS = re.compile(rb"[\"'`]/proc/?[\"'`]|/proc/(?:[{%]|\$\{|[\"'`][ \t]{0,20}\+)")
_HANDLES = re.compile(rb"\b(?:ENOENT|FileNotFoundError|OSError|EnvironmentError)\b")


def reads_processes(source: bytes) -> bool:
    """Return whether a source reads the directory of any process below /proc."""
    return _READS.search(source) is not None


def handles_a_missing_program(source: bytes) -> bool:
    """Return whether a source handles the error of a program that is not there."""
    return _HANDLES.search(source) is not None
