"""Names of libraries that a source gives to a variable before it looks for them."""

import re
from collections import defaultdict
from collections.abc import Iterator

OPENING = rb"(?:find_library|dlopen|CDLL|LoadLibrary)\([ \t]{0,8}"
_CALL = re.compile(rb"(?<!\w)" + OPENING + rb"([A-Za-z_]\w{0,60})[ \t]{0,8}[,)]")
_GIVEN = re.compile(
    rb"(?:^[ \t]{0,40}|(?<!\w)for[ \t]{1,8})([A-Za-z_]\w{0,60})[ \t]{0,8}(?:=|in[ \t(\[])"
    rb"[ \t]{0,8}([(\[]?(?:(?<=[(\[])[^)\]]{0,800}|[^\n]{0,400}))",
    re.MULTILINE,
)
_WORDS = re.compile(rb"[\"']([\w+. -]{1,300})[\"']")
_VARIABLE = re.compile(rb"(?<![\w\"'.])[A-Za-z_]\w{0,60}")
_MAX_STEPS = 50


def names_in_variables(source: bytes) -> Iterator[bytes]:
    """Yield what `find_library(name)` may look for: the words that an assignment or a loop gives to
    `name`, or to what that is made of (`names = "a b"; for name in names.split():`).
    """
    todo = list(set(_CALL.findall(source)))
    if not todo:
        return
    given: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for variable, value in _GIVEN.findall(source):
        given[variable].append(value)
    seen = set(todo)
    for _ in range(_MAX_STEPS):
        if not todo:
            return
        for value in given.get(todo.pop(), ()):
            for words in _WORDS.findall(value):
                yield from words.split()
            new = set(_VARIABLE.findall(value)) & given.keys() - seen
            seen |= new
            todo += new
