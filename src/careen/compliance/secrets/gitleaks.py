"""Calls of gitleaks on parts of an image, in a folder of careen's own."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from careen.compliance.confined import confined, give, missing_programs, show, unconfined
from careen.errors import ConfigError, ToolError
from careen.formats.json_document import items, mapping, parse, text_at
from careen.tools.process import Program, run
from careen.tools.read_file import read_regular

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
    """Return what gitleaks sees in the files of a folder of `scratch`, which are named by numbers.

    Values are blanked by gitleaks itself, and it runs confined. Raises ToolError without gitleaks,
    or if it fails.
    """
    program = require()
    rules, out = scratch / "rules.toml", scratch / "out"
    rules.write_text(RULES)
    out.mkdir(exist_ok=True)
    for each in (scratch, rules, folder.parent, folder):
        show(each)
    give(out)
    report = out / f"{folder.name}.json"
    # Paths from the folder on: nobody may not pass the directories above the scratch folder.
    up = Path(*[".."] * len(folder.relative_to(scratch).parts))
    words = (program, "detect", "--no-git", "--redact", "--no-banner", "--exit-code", "0")
    files = ("--source", ".", "--config", str(up / rules.name))
    writes = ("--report-path", str(up / out.name / report.name), "--report-format", "json")
    done = run(
        confined((*words, *files, *writes, "--log-level", "fatal")),
        timeout=seconds,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"},
        cwd=str(folder),
    )
    if done.status != 0 or not report.is_file():
        ended = f"no end after {seconds:.0f} s" if done.status is None else f"status {done.status}"
        msg = f"gitleaks: {ended}"
        raise ToolError(msg)
    try:
        data = read_regular(report, MAX_REPORT)
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


def require() -> str:
    """Return the path of gitleaks; raise ToolError without it, or without what confines it."""
    program = GITLEAKS.require()
    if missing := missing_programs():
        msg = f"gitleaks: {missing} of util-linux, which confines it, is not installed"
        raise ToolError(msg)
    return program


def scanner_name() -> str:
    """Return gitleaks with its version, or the SHA-256 of a program that states none.

    It also says what gitleaks has that it should not have. Raises ToolError as `require`.
    """
    program = require()
    said = run(confined((program, "version")), timeout=30.0).text.strip()
    free = f", run {lacks}" if (lacks := unconfined()) else ""
    if _NAMED.match(said):
        return f"gitleaks {said[:40]}{free}"
    digest = hashlib.sha256(Path(program).read_bytes()).hexdigest()
    return f"gitleaks (SHA-256 {digest[:16]}…, states no version){free}"
