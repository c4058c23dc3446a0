"""Write settings as careen.toml: each after a comment that says where it comes from."""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence

from careen.workload.plain import harmless
from careen.workload.proposal.settings import Setting

WIDTH = 98
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


def toml_text(head: str, top: Sequence[Setting], workloads: Mapping[str, Sequence[Setting]]) -> str:
    """Return the text of a careen.toml; `head` is the comment at its top."""
    lines = [*_comment(head), ""]
    for setting in top:
        lines += [*_setting(setting), ""]
    for name, settings in workloads.items():
        lines.append(f"[workload.{name if _BARE.match(name) else _basic(name)}]")
        for setting in settings:
            lines += [*_setting(setting), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def toml_comment(text: str, lines: Sequence[str]) -> str:
    """Return a comment, and lines that are not in use below it."""
    return "\n".join(("", *_comment(text), *(f"# {harmless(line)}" for line in lines), ""))


def _setting(setting: Setting) -> list[str]:
    line = f"{setting.key} = {_value(setting.value)}"
    return [*_comment(setting.source), line if setting.active else f"# {line}"]


def _comment(text: str) -> list[str]:
    plain = harmless(text.encode("utf-8", "replace").decode("utf-8"))
    return [f"# {line}" for line in textwrap.wrap(plain, WIDTH, break_on_hyphens=False)]


def _value(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return _text(value)
    return f"[{', '.join(map(_text, value))}]"


def _text(text: str) -> str:
    if "'" not in text and '"' in text and text.isprintable():
        return f"'{text}'"  # a literal, as a person would write a shell command
    if '"' in text and "'''" not in text and not text.endswith("'") and text.isprintable():
        return f"'''{text}'''"
    return _basic(text)


def _basic(text: str) -> str:
    """Return a basic string, the only form that any name of a table can have."""
    # JSON's escapes are TOML's, except that TOML has no pairs of surrogates
    written = json.dumps(text.encode("utf-8", "replace").decode("utf-8"), ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in written)
