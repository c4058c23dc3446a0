"""Calls of gitleaks on parts of an image, in a folder of careen's own."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ConfigError, ToolError
from careen.formats.json_document import items, mapping, parse, text_at
from careen.tools.process import Program, run
from careen.tools.read_file import read_file

GITLEAKS = Program(("gitleaks",), "gitleaks")
MAX_REPORT = 64 << 20  # about 8 times what is judged
# Kinds that gitleaks 8.16 does not know, and images of AI services hold.
RULES = r"""[extend]
useDefault = true

[[rules]]
id = "huggingface-token"
description = "Hugging Face token"
regex = '''\b(?:hf_|api_org_)[A-Za-z]{34}\b'''
keywords = ["hf_", "api_org_"]

[[rules]]
id = "model-service-key"
description = "Key of a model service"
regex = '''\bsk-(?:proj-|svcacct-|ant-|or-v1-)?[A-Za-z0-9_-]{32,200}\b'''
keywords = ["sk-"]
entropy = 3.5

[[rules]]
id = "netrc-password"
description = "Password of a .netrc file"
regex = '''\bmachine\s{1,8}\S{1,100}\s{1,8}login\s{1,8}\S{1,100}\s{1,8}password\s{1,8}(\S{4,200})'''
keywords = ["machine"]
secretGroup = 1

[[rules]]
id = "url-password"
description = "Password in a URL"
regex = '''\b[a-z][a-z0-9+.-]{1,20}://[^\s:@/]{1,80}:([^\s:@/$%{}<>*]{4,80})@[A-Za-z0-9]'''
keywords = ["://"]
secretGroup = 1
entropy = 3.0
"""
_NAMED = re.compile(r"v?[0-9]+\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A secret that gitleaks sees: its rule, the file by its number, and the line."""

    kind: str
    file: int
    line: int


def judge(folder: Path, scratch: Path, seconds: float) -> tuple[Verdict, ...]:
    """Return what gitleaks sees in the files of a folder, which are named by numbers.

    Values are blanked by gitleaks itself. Raises ToolError without gitleaks, or if it fails.
    """
    program = GITLEAKS.require()
    rules, report = scratch / "rules.toml", scratch / "report.json"
    rules.write_text(RULES)
    report.unlink(missing_ok=True)
    words = (program, "detect", "--no-git", "--redact", "--no-banner", "--exit-code", "0")
    files = ("--source", ".", "--config", str(rules), "--report-path", str(report))
    done = run(
        (*words, *files, "--report-format", "json", "--log-level", "fatal"),
        timeout=seconds,
        env={key: value for key, value in os.environ.items() if not key.startswith("GITLEAKS_")},
        cwd=str(folder),
    )
    if done.status != 0 or not report.is_file():
        ended = f"no end after {seconds:.0f} s" if done.status is None else f"status {done.status}"
        msg = f"gitleaks: {ended}"
        raise ToolError(msg)
    try:
        data = read_file(report, MAX_REPORT)
    except ConfigError as error:
        msg = f"gitleaks: its report cannot be used: {error}"
        raise ToolError(msg) from error
    found = parse(data, "report of gitleaks", ToolError)
    return tuple(_verdicts(found))


def _verdicts(found: object) -> Iterator[Verdict]:
    for each in items(found):
        name = Path(text_at(mapping(each), "File")).name
        line = mapping(each).get("StartLine")
        if not name.isdigit() or type(line) is not int:
            msg = "gitleaks: a report that careen cannot read; use gitleaks 8.16 or later"
            raise ToolError(msg)
        yield Verdict(text_at(mapping(each), "RuleID") or "unnamed", int(name), line)


def scanner_name() -> str:
    """Return gitleaks with its version, or the SHA-256 of a program that states none.

    Raises ToolError without gitleaks.
    """
    program = GITLEAKS.require()
    said = run((program, "version"), timeout=30.0).text.strip()
    if _NAMED.match(said):
        return f"gitleaks {said[:40]}"
    digest = hashlib.sha256(Path(program).read_bytes()).hexdigest()
    return f"gitleaks (SHA-256 {digest[:16]}…, states no version)"
