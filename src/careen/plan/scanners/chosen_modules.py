"""Python modules that a setting names, for an application that imports what a setting says."""

import re
from collections.abc import Mapping
from typing import AnyStr

from careen.model.paths import ImagePath, name
from careen.plan.scanners.imports import IMPORTERS
from careen.plan.scanners.source import mentions

MAX_SETTINGS = 64 << 10  # larger files are data: word lists, vocabularies
_TOLD = re.compile(
    rb"(?<!\w)(?:"
    + b"|".join((*IMPORTERS, b"pydoc\\.locate"))
    + rb")\(\s{0,80}(?:(?![fru]{1,2}[\"'])[A-Za-z_]|f[\"']\{)"
)
# What is run is given: `exec(code)`, `[sys.executable, "-c", code]`, a tool of a library that does.
_RUNS_CODE = re.compile(
    rb"(?<![\w.])exec\(\s{0,80}(?![frb]{0,2}[\"'])[A-Za-z_]"
    rb"|(?:sys\.executable|[\"']python[\d.]{0,6}[\"'])\s{0,80},\s{0,80}"
    rb"(?:[\"']-[a-zA-Z]{1,3}[\"'],\s{0,80}){0,3}"
    rb"(?:[\"']-[\"']|(?<=-c[\"'], )[A-Za-z_]|(?<=-c[\"'],)\s{0,80}[A-Za-z_])"
    rb"|\brunpy\.run_path\(\s{0,80}[A-Za-z_]"
    rb"|spec_from_file_location\([^()\n]{0,80},[ \t]{0,8}[A-Za-z_]"
    rb"|\bInteractive(?:Console|Interpreter|Shell)\b|\bcode\.interact\("
    rb"|(?i:python_?(?:ast_?)?(?:repl|interpreter|executor)"
    rb"|code_?(?:interpreter|executor|execution)|dataframe_agent)|\b(?:CodeAgent|PythonTool)\b"
)
_RUNS_A_FILE = re.compile(
    rb"(?:sys\.executable|[\"']python[\d.]{0,6}[\"'])\s{0,80},\s{0,80}"
    rb"(?:[\"']-[a-zA-Z]{1,3}[\"'],\s{0,80}){0,3}(?:str\()?[A-Za-z_][\w.]{0,60}\)?\s{0,80}[,\]]"
)
_OF_BUILDS = frozenset({"setup.py", "versioneer.py", "conf.py", "noxfile.py", "conftest.py"})
_WORD = re.compile(
    rb"(?:^[ \t]*-[ \t]+|[:=,\[][ \t]*)[\"']?([A-Za-z_][\w-]{1,63})"
    rb"(?::[A-Za-z_][\w.]{0,63})?[\"']?(?=[ \t]*(?:[,;\]}#\r\n]|\Z))",
    re.MULTILINE,
)
# like os.environ.get("PLUGINS", "alpha,beta").split(",")
_SPLIT = re.compile(rb"[\"']([\w\s.,;:|-]{1,2000})[\"']{1,3}\)?\.split(?:lines)?\(")
_LIST = re.compile(
    rb"^[ \t]*[\w.-]++[ \t]*+[:=]"
    rb"((?:[A-Za-z_]\w*+|[ \t,]++|\r?\n[ \t]++(?=[A-Za-z_][\w \t,]*+(?:[#;\r\n]|\Z)))++)"
    rb"(?=[#;\r\n]|\Z)",
    re.MULTILINE,
)
# like ANYMAIL = {"API_KEY": …} in the settings of a framework
_SETTINGS_OF = re.compile(rb"^([A-Z][A-Z0-9_]{2,60})[ \t]{0,8}=[ \t]{0,8}\{", re.MULTILINE)
_MIN_FIXED = 5
_COMPOSED = re.compile(
    rb"f[\"'](\w{0,60})\{[^{}\"'\n]{1,60}\}(\w{0,60})[\"']"
    rb"|[\"'](\w{0,60})%s(\w{0,60})[\"']|[\"'](\w{5,60})[\"'][ \t]{0,20}\+"
)
_VALUE = re.compile(r"[A-Za-z_][\w-]{1,63}")
_DECLARES = re.compile(
    r"(?:pyproject\.toml|setup\.cfg|tox\.ini|environment\.ya?ml|conda[\w.-]*\.ya?ml|\.pre-commit-config\.yaml)\Z"
    r"|(?=[\w.-]*+\Z).*(?:lock|requirements)"
)


def imports_what_it_is_told(source: bytes) -> bool:
    """Return whether a source imports a module by a name that is not a literal."""
    return mentions(source, *IMPORTERS, b"pydoc") and _TOLD.search(source) is not None


def runs_what_it_is_given(path: ImagePath, source: bytes) -> bool:
    """Return whether a Python source runs code that it is given, as an agent's tool does.

    Sources that only builds, documentation and tests run do not count.
    """
    return name(path) not in _OF_BUILDS and (
        _RUNS_CODE.search(source) is not None
        # a file that was written for it
        or (mentions(source, b"tempfile") and _RUNS_A_FILE.search(source) is not None)
    )


def composed(source: bytes) -> frozenset[tuple[str, str]]:
    """Return the beginnings and ends of modules' names that a source composes.

    Examples are `f"{language}_core_news"` and `"shop_" + kind`. They count in a source that imports
    or loads by name, and have five letters with a `_`. Those in an import itself are elsewhere.
    """
    if not mentions(source, *IMPORTERS, b"load("):
        return frozenset()
    found = (
        [item.decode() for item in (*match.groups(), b"") if item is not None][:2]
        for match in _COMPOSED.finditer(source)
    )
    return frozenset(
        (first, last)
        for first, last in found
        if "_" in first + last and len(first) + len(last) >= _MIN_FIXED
    )


def fits(word: AnyStr, first: AnyStr, last: AnyStr) -> bool:
    """Return whether a name has a beginning and an end, and something between them."""
    return len(word) > len(first) + len(last) and word.startswith(first) and word.endswith(last)


def set_up(source: bytes) -> frozenset[str]:
    """Return the names, in small letters, of the tables in capitals at a Python source's left edge.

    A library of a framework finds its settings by its own name: `ANYMAIL = {…}` is anymail's.
    """
    return frozenset(item.decode().lower() for item in _SETTINGS_OF.findall(source))


def split(source: bytes) -> frozenset[str]:
    """Return the words of the texts that a source splits."""
    words = (word for text in _SPLIT.findall(source) for word in re.split(rb"[\s,;:|]+", text))
    return frozenset(word.partition(b".")[0].decode("utf-8", "replace") for word in words if word)


def declares(path: ImagePath) -> bool:
    """Return whether a file declares what to install."""
    # Names in it are of distributions, not of modules or commands.
    return _DECLARES.match(name(path)) is not None


def chosen(path: ImagePath, text: bytes) -> frozenset[str]:
    """Return the values of a configuration that are one word, with `_` for `-`.

    Empty for a file over 64 KiB, and for one that declares dependencies.
    """
    if len(text) > MAX_SETTINGS or declares(path):
        return frozenset()
    return frozenset(item.decode().replace("-", "_") for item in _WORD.findall(text))


def listed(path: ImagePath, text: bytes) -> frozenset[str]:
    """Return the words of the values that are words alone, with blanks, commas or lines between.

    Such are INI's lists, and prose. Empty where `chosen` is.
    """
    if len(text) > MAX_SETTINGS or declares(path):
        return frozenset()
    words = (word for value in _LIST.findall(text) for word in re.split(rb"[\s,]+", value))
    return frozenset(word.decode() for word in words if len(word) > 1)


def chosen_by(variables: Mapping[str, str]) -> frozenset[str]:
    """Return the words of the variables whose values are one word or a list of words.

    With `_` for `-`.
    """
    lists = (re.split(r"[,;:\s]+", value) for value in variables.values())
    return frozenset(
        word.replace("-", "_")
        for words in lists
        if all(map(_VALUE.fullmatch, words))
        for word in words
    )
