"""Functions that start the program that they are given, and the programs that they are given.

An application or a library rarely calls subprocess where it names a program: `sh("make")` calls a
function of another file, which does.
"""

import re
from collections.abc import Container, Iterator
from collections.abc import Set as AbstractSet

_MAX_BODY = 4000
_MAX_NAME = 60
_MAX_CALLED = 200  # functions that one body calls
_DEFINED = re.compile(
    rb"(?:def|function)[ \t]{1,8}(\w{1,60})[ \t]{0,8}\(\s{0,80}"
    rb"(?:(?:self|cls)[ \t]{0,8},\s{0,80})?(?!(?:self|cls)\b)[\w*.{\[]"
    rb"|(?<!\w)(\w{1,60})[ \t]{0,8}[:=][ \t]{0,8}(?:async[ \t]{1,8})?"
    rb"\([\w{\[.][^()\n]{0,200}\)[ \t]{0,8}=>"
)
_STARTS = re.compile(
    rb"\bsubprocess\b|\bPopen\b|create_subprocess_|\bos\.(?:system|popen|exec|spawn|posix_spawn)"
    rb"|\bcheck_(?:call|output)\(|\bget(?:status)?output\(|child_process|(?:open|run)_process\("
    rb"|(?<![\w.])(?:spawn|execFile|exec)(?:Sync)?\([\w.]"
)
_CALLED = re.compile(rb"(?<!\w)(\w{1,60})\(")
_GIVEN = re.compile(
    rb"\((?=\s{0,80}(?:\*?[A-Za-z_][\w.]{0,60}[ \t]{0,8},\s{0,80}){0,2}"
    rb"(?:\w{1,40}[ \t]{0,8}=[ \t]{0,8})?"
    rb"[\[(]?\s{0,80}[rbfuRBFU]{0,2}"
    rb"(?:\"\"\"([^\"]{1,2000})\"\"\"|'''([^']{1,2000})'''|\"([^\"\n]{1,500})\"|'([^'\n]{1,500})'"
    rb"|`([^`]{1,500})`))"
)
_OTHERS = frozenset(
    b"add append count debug decode dump dumps encode endswith error extend find format get getattr"
    b" hasattr index info insert int isinstance join len load loads log main open pop print read"
    b" remove replace setattr setdefault split startswith str strip update warning write".split()
)
"""Names of methods and functions that have other meanings nearly everywhere."""
OF_LIBRARIES = frozenset(
    b"run_process open_process run_command run_cmd execa execaSync execaCommand".split()
)
"""Functions of libraries that start what they are given."""
CALLS = (
    rb"run|Popen|call|check_call|check_output|system|popen|spawn|execFile"
    rb"|create_subprocess_exec|create_subprocess_shell"
)
"""Calls that start the program which a variable has, as alternatives of a pattern."""
_PASSED = re.compile(
    rb"(?:" + CALLS + rb"|spawnSync|execFileSync)"
    rb"\(\s{0,80}\*?([A-Za-z_]\w{0,60})[ \t]{0,8}[,)\[]"
)
_ASSIGNED = re.compile(
    rb"(?<![\w.])([A-Za-z_]\w{0,60})[ \t]{0,8}(?::[^=\n]{1,60})?=[ \t]{0,8}[\[(]\s{0,80}f?[\"']"
    rb"([\w./+-]{1,100})[\"']"
)
_IMPORTED = re.compile(
    rb"from(?<=\bfrom)[ \t]{1,8}(?:sh|plumbum\.cmd)[ \t]{1,8}import[ \t]{1,8}"
    rb"(\([^()]{1,1000}\)|[^\n]{1,500})"
)
_ATTRIBUTE = re.compile(rb"(?<![\w.])sh\.([a-z]\w{0,40})")
_LOCAL = re.compile(rb"(?<![\w.])local\[[ \t]{0,8}[\"']([\w./+-]{1,100})[\"']")
_NAME = re.compile(rb"[A-Za-z_]\w{0,60}")


def wrappers(source: bytes, known: AbstractSet[bytes] = frozenset()) -> frozenset[bytes]:
    """Return the functions with an argument whose bodies start a program or call one of `known`.

    Names that have other meanings nearly everywhere (`get`, `main`) do not count.
    """
    found = [(next(filter(None, each.groups())), each) for each in _DEFINED.finditer(source)]
    out: set[bytes] = set()
    for number, (word, each) in enumerate(found):
        following = found[number + 1][1].start() if number + 1 < len(found) else len(source)
        body = source[each.end() : min(following, each.end() + _MAX_BODY)]
        if word not in _OTHERS and (
            _STARTS.search(body) or not known.isdisjoint(_CALLED.findall(body)[:_MAX_CALLED])
        ):
            out.add(word)
    return frozenset(out)


def texts_given(source: bytes, names: Container[bytes]) -> Iterator[str]:
    """Yield the first texts of the calls of some functions, alone or as the first of a list."""
    for match in _GIVEN.finditer(source):
        end = start = match.start()
        while start > max(0, end - _MAX_NAME) and _is_of_a_name(source[start - 1]):
            start -= 1
        if source[start:end] in names and source[max(0, start - 4) : start] != b"def ":
            yield next(filter(None, match.groups())).decode("utf-8", "replace")


def _is_of_a_name(byte: int) -> bool:
    return chr(byte).isalnum() or byte == ord("_")


def commands_in_variables(source: bytes) -> frozenset[str]:
    """Return the first words of lists in variables that a call which starts a program takes."""
    passed = set(_PASSED.findall(source))
    return frozenset(
        word.decode("utf-8", "replace")
        for variable, word in (_ASSIGNED.findall(source) if passed else ())
        if variable in passed
    )


def commands_as_functions(source: bytes) -> frozenset[str]:
    """Return the commands that a source calls as functions: `sh.convert(x)`, plumbum's `local`.

    A `_` in a name stands for a hyphen, too.
    """
    found = {word for listed in _IMPORTED.findall(source) for word in _NAME.findall(listed)}
    if re.search(rb"^[ \t]{0,40}import[ \t]{1,8}sh\b", source, re.MULTILINE):
        found.update(_ATTRIBUTE.findall(source))
    if b"plumbum" in source:
        found.update(_LOCAL.findall(source))
    words = {word.decode("utf-8", "replace") for word in found}
    return frozenset(words | {word.replace("_", "-") for word in words})
