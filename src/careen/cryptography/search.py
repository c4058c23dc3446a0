"""Search of one ELF file for implementations of cryptography.

Literals are looked for in its constants and names, and a pattern only around a literal that is
there. Nothing of the file is executed or loaded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from careen.cryptography.budget import SearchBudget
from careen.cryptography.signatures import Signature, Signatures
from careen.formats.elf.file import ElfFile
from careen.formats.elf.sections import Section, Segment

MAX_PER_FILE = 256 << 20  # bytes of constants and names; libtorch_cpu has 18 MB
_PARTS = (".rodata", ".data", ".dynstr", ".strtab", "__libc_freeres", ".lrodata")
_CONSTANTS = (".rodata", ".lrodata")
_AROUND = 256  # bytes before and after a literal that a pattern may match
_MAX_HITS = 64  # per literal and chunk
_MAX_CRATES = 400  # of one program; a large one names about 300
_OVERLAP = 2 * _AROUND

CRATE = re.compile(
    rb"/registry/(?:src/[^/\x00]{1,80}/)?([a-z0-9_-]{1,40}?)-(\d{1,4}\.\d{1,4}\.\d{1,6}[0-9A-Za-z.+-]{0,40})/"
)
_CRATE_MARK = b"/registry/"
_DIRECTORY = re.compile(rb'OPENSSLDIR: "([^"\x00]{1,200})"')
_MODULES = re.compile(rb'MODULESDIR: "([^"\x00]{1,200})"')
_PREFIX = re.compile(rb"aws_lc_(?:fips_)?\d{1,3}_\d{1,3}_\d{1,3}_")


@dataclass(slots=True)
class Seen:
    """What was seen in one file.

    `literals` maps a literal to its evidence, `versions` a kind to its versions. `crates` are
    (name, version). `searched` is False if a limit ended the search.
    """

    literals: dict[bytes, str] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    crates: dict[tuple[str, str], str] = field(default_factory=dict)
    configuration: str = ""
    modules: str = ""
    searched: bool = True

    def has(self, signature: Signature) -> str:
        """Return the evidence of an implementation, or ""."""
        return next((self.literals[text] for text in signature.any if text in self.literals), "")


def search(elf: ElfFile, known: Signatures, budget: SearchBudget) -> Seen:
    """Return what was seen in a file."""
    seen = Seen()
    left = MAX_PER_FILE
    for part, where in _parts(elf):
        allowed = budget.take(min(left, part.size))
        for chunk in elf.chunks(part, allowed, _OVERLAP):
            _search_chunk(chunk, known, seen, where)
        left -= allowed
        if allowed < part.size:
            seen.searched = False
            break
    return seen


def _parts(elf: ElfFile) -> Iterator[tuple[Section | Segment, str]]:
    known = [each for each in elf.tables.sections if each.name.startswith(_PARTS)]
    for section in known:
        yield section, section.name
    # A program runs by its segments alone: its sections may be gone, or have any name.
    if not any(each.name.startswith(_CONSTANTS) for each in known):
        for segment in elf.tables.segments:
            yield segment, "a segment"


def _search_chunk(chunk: bytes, known: Signatures, seen: Seen, where: str) -> None:
    here = {text: at for text in known.literals if (at := chunk.find(text)) >= 0}
    for text, at in here.items():
        seen.literals.setdefault(text, f"{_shown(chunk, at)} in {where}")
    for signature in known.modules:
        if signature.version is not None and signature.near in here:
            for match in _around(chunk, here[signature.near], signature):
                version = match[1].decode("latin-1").replace("_", ".")
                found = seen.versions.setdefault(signature.kind, {})
                found.setdefault(version, f"{_plain(match[0])} in {where}")
    if b'OPENSSLDIR: "' in here:
        seen.configuration = seen.configuration or _first(_DIRECTORY, chunk)
        seen.modules = seen.modules or _first(_MODULES, chunk)
    _crates(chunk, seen, where)


def _around(chunk: bytes, at: int, signature: Signature) -> Iterator[re.Match[bytes]]:
    """Yield the matches of a version beside each place of its literal."""
    for _ in range(_MAX_HITS):
        if at < 0 or signature.version is None:
            return
        start, end = max(0, at - _AROUND), min(len(chunk), at + _AROUND)
        for match in signature.version.finditer(chunk, start, end):
            if match.end() < end or end == len(chunk):  # else the window may cut a number
                yield match
        at = chunk.find(signature.near, at + 1)


def _crates(chunk: bytes, seen: Seen, where: str) -> None:
    if _CRATE_MARK not in chunk:
        return
    for match in CRATE.finditer(chunk):
        key = (match[1].decode(), match[2].decode())
        if len(seen.crates) >= _MAX_CRATES and key not in seen.crates:
            seen.searched = False
            return
        seen.crates.setdefault(key, f"the path of a source, {key[0]}-{key[1]}, in {where}")


def _plain(text: bytes) -> str:
    """Return a version's text, with the NUL bytes between its parts as blanks."""
    return repr(text.strip(b"\x00").replace(b"\x00", b" ").decode("ascii", "backslashreplace"))


def _first(pattern: re.Pattern[bytes], chunk: bytes) -> str:
    match = pattern.search(chunk)
    return match[1].decode("utf-8", "backslashreplace") if match else ""


def _shown(chunk: bytes, at: int) -> str:
    """Return the text that a literal begins, with the prefix of AWS-LC's names whole."""
    match = _PREFIX.match(chunk, at)
    end = match.end() if match else at + 60
    text = chunk[at:end].split(b"\x00")[0].split(b"\n")[0]
    return repr(text.decode("ascii", "backslashreplace"))
