"""Versions of Alpine packages (apk-package(5), and the behaviour of `apk version -t`).

`1.2.3a_rc1~hash-r4`: numbers, one letter, suffixes with a number, a commit, the package's revision.
The version that ends first is older, unless a pre-release suffix follows (`_alpha`, `_beta`,
`_pre`, `_rc`).
"""

import re

from careen.formats.versions.scheme import VersionScheme

_VERSION = re.compile(
    r"([0-9]+(?:\.[0-9]+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)(?:~([0-9a-f]+))?(?:-r([0-9]+))?"
)
_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)")
_BEFORE = {"alpha": 1, "beta": 2, "pre": 3, "rc": 4}
_AFTER = {"cvs": 5, "svn": 6, "git": 7, "hg": 8, "p": 9}

# A part of higher rank makes the longer version newer; _EARLIER makes it older.
_EARLIER, _END, _REVISION, _COMMIT, _SUFFIX_NUMBER, _LATER, _LETTER, _DIGITS = range(8)

_Part = tuple[int, int, str]


def parse(version: str) -> tuple[_Part, ...]:
    """Return a value that sorts as apk does."""
    read = _VERSION.fullmatch(version)
    if read is None:
        message = f"not an apk version: {version!r}"
        raise ValueError(message)
    digits, letter, suffixes, commit, revision = read.groups()
    first, *others = digits.split(".")
    out = [(_DIGITS, int(first), "")]
    # After the first number, one with a leading zero is a fraction: it compares as text, below
    # every other number.
    out += [
        (_DIGITS, -1, number) if number.startswith("0") else (_DIGITS, int(number), "")
        for number in others
    ]
    if letter:
        out.append((_LETTER, ord(letter), ""))
    for name, number in _SUFFIX.findall(suffixes):
        out.append((_EARLIER, _BEFORE[name], "") if name in _BEFORE else (_LATER, _AFTER[name], ""))
        if number:
            out.append((_SUFFIX_NUMBER, int(number), ""))
    if commit:
        out.append((_COMMIT, 0, commit))
    if revision:
        out.append((_REVISION, int(revision), ""))
    out.append((_END, 0, ""))
    return tuple(out)


APK = VersionScheme("apk", parse)
