"""Names in Python source: imports, modules imported by string, commands that it starts.

A linear scan of the text, not a parse: parsing 15,000 files with `ast` takes a minute, this takes
seconds. A name too many keeps a package too many. Only the first component of a name matters,
because distributions are kept whole.
"""

import re
from collections.abc import Iterator, Mapping
from heapq import merge

from careen.plan.scanners.source import may_mention, mentions, of_bytes

IMPORTERS = (b"import_module", b"__import__", b"import_string", b"resolve_name", b"find_spec")
"""Functions that import a module by its name."""

_IMPORT = re.compile(
    rb"(?:|.*?[;:])[ \t]*(?:from[ \t]++(\w++)[\w.]*+[ \t]++import\b|import[ \t]+((?:[\w."
    rb" ,\t]|\\\r?\n){1,2000}))"
)
_MAX_LINE, _STATEMENT_BYTES = 400, 2048
_CALL = re.compile(rb"\w{0,40}\(\s{0,80}((?:[^()]|\(\)){1,300})")
_CALLED = (
    b"import",
    b"lazy",
    b"Lazy",
    b"LAZY",
    b"find_spec",
    b"find_loader",
    b"resolve_name",
    b"is_available",
    b"run_module(",
    b"_available(",
    *(b"files(", b"resource_filename(", b"resource_stream(", b"resource_string(", b"get_data("),
    *(b"open_text(", b"open_binary(", b"read_binary(", b"resources.read_text("),
)
_ARGUMENT = re.compile(
    rb"(?:\A|,\s{0,80}|=\s{0,8})[fru]{0,2}[\"']([A-Za-z_]\w{0,63})(?:\.[\w.{}]{0,200})?[\"':]"
)
_DOTTED = re.compile(rb"\"(\w{1,64})[.:][\w.:]{1,200}(?=\")")
_CONFIGURED = re.compile(
    rb"(?:[:=,\[({][ \t]*|^[ \t]*-"
    rb"[ \t]+|[\"'])([A-Za-z_]\w{0,63}(?:\.[A-Za-z_]\w{0,63}){1,12})(?=[\s\"',:;\])}]|\Z)",
    re.MULTILINE,
)
_OBJECT = re.compile(rb":[A-Za-z_]")
_ROW = re.compile(
    rb"^[ \t]{0,40}([A-Za-z_]\w{0,63}(?:\.[A-Za-z_]\w{0,63}){1,12})[ \t]{0,40}(?=[,;:|\t\r\n]|\Z)",
    re.MULTILINE,
)
_LISTS_MODULES = (b"iter_modules", b"walk_packages", b"distributions()")
_BEGINNING = re.compile(rb"startswith\([ \t]*[\"']([A-Za-z][\w-]{2,60}[_-])[\"']")
_COMPOSED = (
    rb"\(\s{0,80}(?:f[\"']([A-Za-z]\w{2,60})\{|[\"']([A-Za-z]\w{2,60})(?:[\"']"
    rb"[ \t]*\+|%s[\"'][ \t]*%|\{\w{0,20}\}[\"']\.format))"
)
# Each begins with a literal, for which a search is fast.
_COMPOSED_BY = {
    called: re.compile(called + more + _COMPOSED)
    for called, more in ((b"import", rb"\w{0,20}"), (b"find_spec", b""), (b"resolve_name", b""))
}
_SUFFIXES = frozenset(
    b"json yaml yml toml ini cfg conf txt md csv tsv py pyc js ts html css xml log pt pth bin"
    b" safetensors onnx model vocab png jpg svg db so sh".split()
    + b"com org net io local".split()
)
_LITERAL = re.compile(rb"[\"']([\w./+-]{1,200})[\"']")
_TEXT_AFTER = rb"[\[(]?\s*+f?[\"']([^\"'\n]{1,500})[\"']"
# A search for one character is fastest, so the names before it are looked at afterwards.
_CALLED_WITH = re.compile(rb"\((?=\s*+" + _TEXT_AFTER + rb")")
_ASSIGNED_TO = re.compile(rb"=(?=[ \t]*+" + _TEXT_AFTER + rb")")
_STARTING = tuple(
    b"which find_executable Popen run call check_call check_output getoutput getstatusoutput system"
    b" system2 popen spawn spawnSync exec execSync execFile execFileSync execvp execv execlp"
    b" spawnlp create_subprocess_exec create_subprocess_shell".split()
)
_COMMAND_VARIABLE = re.compile(rb"(?:cmd|command|argv|cmdline)\w{0,100}\Z")
_MAX_VARIABLE = 107
# like args = ["x", "-v"]
_ARGUMENTS = re.compile(
    rb"args\w{0,30}[ \t]*(?::[^=\n]{1,60})?="
    rb"[ \t]*\[\s{0,200}[\"']([\w.+-]{1,64})[\"']\s{0,200},\s{0,200}[rbfu]{0,2}[\"']-"
)
# like Tool(program="x")
_NAMED_PROGRAM = re.compile(
    rb"\b(?:program|executable|binary)(?:_name)?[ \t]*=[ \t]*[\"']([\w.+-]{1,64})[\"']"
)
_PROGRAM_WORDS = (b"program", b"executable", b"binary")
# like get_command_path("x")
_FOUND_PROGRAM = re.compile(
    rb"(?:get|find|locate|resolve|require|check|has)\w{0,20}_(?:command|program|binary|executable)\w{0,20}\(\s{0,80}[\"']([\w.+-]{1,64})[\"']"
)
# like check_programs("x", "y"): the plural says that all of them are
_FOUND_PROGRAMS = re.compile(
    rb"(?:get|find|locate|resolve|require|check|has)\w{0,20}_(?:commands|programs|binaries|executables)\w{0,20}\(([^()]{1,500})\)"
)
_FOUND_WORDS = (b"_command", b"_program", b"_binar", b"_executable")
_ALTERNATIVES = re.compile(
    rb"(?i:commands|binaries|programs|executables)\w{0,20}[ \t]*(?::[^=\n]{1,60})?="
    rb"[ \t]*[\[(]([^\])]{1,500})[\])]"
)
_ALTERNATIVE_WORDS = (b"commands", b"binaries", b"programs", b"executables")
_LISTED = re.compile(
    rb"[\[(]\s{0,200}[rbfu]?([\"'])([\w.+-]{1,64})\1\s{0,200},\s{0,200}[rbfu]{0,2}[\"'][-/{][^\"'\n]"
)
_LIST = re.compile(rb"\[\s{0,80}f?[\"']([\w.+-]{1,64})[\"']")
_BEFORE_A_LIST = re.compile(
    rb"\s{0,80}(?:[\w.]{1,60}(?:[ \t]*=[ \t]*[\w.]{1,60})?[ \t]*,\s{0,80}){0,2}"
    rb"(?:\w{1,20}[ \t]*=[ \t]*)?"
)
_STARTER = re.compile(rb"(?i:run|exec|call|spawn|popen|cmd|command|process|shell)\w{0,30}\Z")
_MAX_STARTER = 40
_MAX_CALL = 400
_RUN_IN_A_LIST = re.compile(rb"[\"']-m[\"'],\s{0,200}f?[\"']([A-Za-z_]\w{0,63})[.\"']")
_RUN_IN_A_LINE = re.compile(
    rb"\bpython[\d.]{0,5}[ \t]+(?:-[A-Za-z]{1,4}[ \t]+){0,3}-m[ \t]+([A-Za-z_]\w{0,63})"
)
_ASSIGNED = re.compile(
    rb"(?:^|[;&(]|\b(?:export|local|readonly)[ \t])[ \t]*([A-Za-z_]\w{0,63})="
    rb"[\"']?(?:\$\{?([A-Za-z_]\w{0,63})\}?)?(/[\w./+-]{1,300})[\"']?(?=[ \t]*(?:[;\n&)]|\Z))",
    re.MULTILINE,
)
_WITH_A_DEFAULT = re.compile(rb"\$\{([A-Za-z_]\w{0,63}):?[-=][\"']?(/[\w./+-]{1,300})[\"']?\}")
_MAX_VALUE = 300
_MAX_PUT_IN = 10_000  # replaced variables in a script; more are left as they are
_AT_A_BEGINNING = re.compile(rb"(?:\$\{([A-Za-z_]\w{0,63})\}|\$([A-Za-z_]\w{0,63}))(?=[\"']?/)")
_LOOKED_FOR = re.compile(
    rb"\b(?:command[ \t]+-[vV]|which|type[ \t]+-[pP])[ \t]+[\"']?([A-Za-z][\w.+-]{0,63})"
)
_TEXT = re.compile(rb"[\"']([^\"'\n]{1,200})[\"']")
_STARTERS = tuple(
    b"subprocess which( find_executable system( system2( popen Popen os.spawn spawnSync os.exec"
    b" _exec( child_process BashOperator bash_command ShellOperation execute_shell_command".split()
)
_WORD = re.compile(r"[\w./+-]+")
# Python inside a shell script: ImageMagick and nmh have commands of these names
_STATEMENT = re.compile(r"\b(?:import|from)[ \t]+(?=[A-Za-z_])")
_LINE_OF_SHELL = re.compile(
    rb"[\"'`]((?:[A-Z_]{1,40}=\S{0,100}[ \t]+)?[a-z/][\w./+-]{0,100}(?:[ \t][^\"'`\n]{0,400}?)?"
    rb"(?:[ \t]-{1,2}\w|&&|\|\||[ \t]\|[ \t]|;[ \t]|[ \t]2?>)[^\"'`\n]{0,800})"
)
_AFTER_A_PIPE = re.compile(rb"(?:\||&&)[ \t]*([a-z/][\w./+-]{0,100})[ \t]+-{1,2}\w")
_FIRST_WORD = re.compile(
    rb"(?:\A|&&|\|\|?|;|\$\()[ \t]*(?:[A-Z_]{1,40}=\S{0,100}[ \t]+)?(?!(?:import|from)"
    rb"[ \t]+[A-Za-z_])([a-z/][\w./+-]{0,100})(?=[ \t]|\Z)"
)


def imported(source: bytes) -> frozenset[str]:
    """Return the top-level modules that a source imports, at any depth of nesting.

    Counts statements, and calls with a literal of functions named for imports, or for lazy or
    optional ones (`import_module("x.y")`, `import_optional_dependency("x")`, `LazyLoader("x",
    globals(), "y")`).
    """
    out: set[bytes] = set()
    for word in _CALLED:
        at = source.find(word) if may_mention(source, word) else -1
        while at >= 0:
            at += len(word)
            call = _CALL.match(source, at - 1 if word.endswith(b"(") else at)
            out.update(_ARGUMENT.findall(call.group(1)) if call is not None else ())
            at = source.find(word, at)
    return import_statements(source) | frozenset(
        item.decode("utf-8", "replace") for item in out if item
    )


def import_statements(source: bytes) -> frozenset[str]:
    """Return the top-level modules of the import statements in a source."""
    out: set[bytes] = set()
    for match in _import_statements(source):
        if match.group(1):
            out.add(match.group(1))
        else:
            out.update(_first_components(match.group(2)))
    return frozenset(item.decode("utf-8", "replace") for item in out if item)


def _import_statements(source: bytes) -> Iterator[re.Match[bytes]]:
    """Yield a match for each import statement, also after `;`.

    In a line of over 400 bytes before the word, reading starts at the word.
    """
    at = source.find(b"import")
    while at >= 0:
        start = (
            max(
                source.rfind(b"\n", max(0, at - _MAX_LINE), at),
                source.rfind(b";", max(0, at - _MAX_LINE), at),
            )
            + 1
        )
        if start == 0 and at > _MAX_LINE:
            start = at
        end = at + _STATEMENT_BYTES
        if source.find(b"\\\n", at, end) < 0 and (line_end := source.find(b"\n", start, end)) >= 0:
            end = line_end
        match = _IMPORT.match(source, start, end)
        if match is not None:
            yield match
        # A list of names holds no statement, so that a line of only this word is read once.
        names_end = match.end(2) if match is not None and match.group(2) else 0
        at = source.find(b"import", max(at + len(b"import"), names_end))


def _first_components(names: bytes) -> Iterator[bytes]:
    for item in names.replace(b"\\", b" ").split(b","):
        words = item.split()
        if words:
            yield words[0].partition(b".")[0]


def dotted_literals(source: bytes) -> frozenset[str]:
    """Return the first components of literals like `package.module` or `package.module:object`."""
    found = set(_DOTTED.findall(of_bytes(source).literals))
    return frozenset(item.decode("utf-8", "replace") for item in found)


def beginnings(source: bytes) -> frozenset[str]:
    """Return the prefixes of module names by which a source looks for plugins.

    They stand in a listing of all modules or distributions (`startswith("shop_")`), or in an import
    (`import_module(f"shop_{name}")`). `-` becomes `_`.
    """
    out: set[bytes] = set()
    if mentions(source, b"import"):
        for called, composed in _COMPOSED_BY.items():
            if may_mention(source, called):
                out.update(item for found in composed.findall(source) for item in found if item)
    if mentions(source, *_LISTS_MODULES):
        out.update(_BEGINNING.findall(source))
    return frozenset(item.decode("utf-8", "replace").replace("-", "_") for item in out)


def configured(text: bytes) -> frozenset[str]:
    """Return the first components of dotted names in a configuration, without file names.

    Examples are `class: pkg.module.Name` and `factory = "pkg.module:make"`.
    """
    found = (
        match[1]
        for match in _CONFIGURED.finditer(text)
        if not _is_file_name(match[1]) or _OBJECT.match(text, match.end())
    )
    return frozenset(item.partition(b".")[0].decode("utf-8", "replace") for item in found)


def _is_file_name(dotted: bytes) -> bool:
    """Return whether a dotted name ends as a file's; `pkg.Model` is a class."""
    last = dotted.rpartition(b".")[2]
    return last.lower() in _SUFFIXES and (last.islower() or last.isupper())


def rows(table: bytes) -> frozenset[str]:
    """Return the first components of dotted names with which a table's lines begin."""
    found = (item for item in _ROW.findall(table) if not _is_file_name(item))
    return frozenset(item.partition(b".")[0].decode("utf-8", "replace") for item in found)


def literals(source: bytes) -> frozenset[str]:
    """Return the string literals that are one word: possible names of modules and commands."""
    return frozenset(item.decode("utf-8", "replace") for item in _LITERAL.findall(source))


def starts_programs(source: bytes) -> bool:
    """Return whether a source (Python, JavaScript, similar) starts programs or looks for them."""
    return mentions(source, *_STARTERS)


def started(source: bytes, *, anywhere: bool = False) -> tuple[tuple[str, ...], ...]:
    """Return the words of each command that a source (Python, JavaScript, similar) starts or names.

    Counts first arguments of calls that start programs, variables named for command lines, lists
    (`COMMANDS = ("ffmpeg", "avconv")`), arguments with an option (`args = ["unpaper", "-v"]`), and
    names of programs (`Tool(program="unpaper")`, `get_command_path("pdfinfo")`,
    `check_programs("msguniq", "msgmerge")`). Empty for a source that starts no programs, unless
    `anywhere`: another part of the application does.
    """
    if not (anywhere or starts_programs(source)):
        return ()
    source = of_bytes(source)
    found = {*_texts_of_starters(source), *_ARGUMENTS.findall(source)}
    if mentions(source, *_PROGRAM_WORDS):
        found.update(_NAMED_PROGRAM.findall(source))
    if mentions(source, *_FOUND_WORDS):
        found.update(_FOUND_PROGRAM.findall(source))
        for listed in _FOUND_PROGRAMS.findall(source):
            found.update(_TEXT.findall(listed))
    lowered = source.vocabulary.lower()
    if any(word in lowered for word in _ALTERNATIVE_WORDS):
        for listed in _ALTERNATIVES.findall(source):
            found.update(_TEXT.findall(listed))
    return tuple(tuple(_WORD.findall(item.decode("utf-8", "replace"))) for item in sorted(found))


def _texts_of_starters(source: bytes) -> Iterator[bytes]:
    """Yield the first texts of calls that start programs, and those of variables for commands."""
    candidates = (_CALLED_WITH.finditer(source), _ASSIGNED_TO.finditer(source))
    end = 0  # of the last text: what is in a text is no code
    for match in merge(*candidates, key=re.Match.start):
        at = match.start()
        if at < end:
            continue
        if source.startswith(b"(", at):
            is_one = source.endswith(_STARTING, end, at)
        else:
            name_end = at
            while name_end > end and source[name_end - 1] in b" \t":
                name_end -= 1
            name = source[max(end, name_end - _MAX_VARIABLE) : name_end]
            is_one = _COMMAND_VARIABLE.search(name) is not None
        if is_one:
            yield match.group(1)
            end = match.end(1) + 1


def first_of_lists(source: bytes) -> frozenset[str]:
    """Return the first words of lists and tuples that are command lines, wherever they are run.

    An option, a path or a placeholder must follow.
    """
    return frozenset(word.decode("utf-8", "replace") for _, word in _LISTED.findall(source))


def heads_of_lists(source: bytes) -> frozenset[str]:
    """Return the first words of all lists."""
    return frozenset(word.decode("utf-8", "replace") for word in _LIST.findall(source))


def handed_over(source: bytes) -> frozenset[str]:
    """Return the words that begin a list passed to a function named like a runner.

    It may be the library's own, defined anywhere (`run_cmd(folder, ["git", "clone", url])`).
    """
    out: set[bytes] = set()
    for found in _LIST.finditer(source):
        start = found.start()
        if found.group(1) in out:
            continue
        # What may stand between holds no parenthesis, so it is the last one that opens the call.
        call = source.rfind(b"(", max(0, start - _MAX_CALL), start)
        if (
            call >= 0
            and _BEFORE_A_LIST.fullmatch(source, call + 1, start)
            and _STARTER.search(source, max(0, start - _MAX_CALL, call - _MAX_STARTER), call)
        ):
            out.add(found.group(1))
    return frozenset(word.decode("utf-8", "replace") for word in out)


def run_as_modules(source: bytes, *, in_lines: bool) -> frozenset[str]:
    """Return the top-level modules that a source has an interpreter run.

    `[sys.executable, "-m", "venv", folder]` counts; with `in_lines` also any text like `python -m
    venv`.
    """
    # In a library, such a text is mostly advice.
    listed = _RUN_IN_A_LIST.findall(source) if b"-m" in of_bytes(source).quoted else ()
    found = {*listed, *(_RUN_IN_A_LINE.findall(source) if in_lines else ())}
    return frozenset(word.decode("utf-8", "replace") for word in found)


def lines_of_shell(source: bytes, *, anywhere: bool = False) -> frozenset[str]:
    """Return the words in command position in literals that read as lines of shell.

    Such a line has an option or an operator. The word after a pipe in a part of one (`"' | gs -q
    -"`) counts too. Empty for a source that starts no programs, unless `anywhere`: another part of
    the application does.
    """
    if not (anywhere or starts_programs(source)):
        return frozenset()
    words = {word for line in _LINE_OF_SHELL.findall(source) for word in _FIRST_WORD.findall(line)}
    return frozenset(
        word.decode("utf-8", "replace") for word in words.union(_AFTER_A_PIPE.findall(source))
    )


def looked_for(script: bytes) -> frozenset[str]:
    """Return the programs that a script looks for on PATH (`command -v java`, `which java`)."""
    return frozenset(word.decode("utf-8", "replace") for word in _LOOKED_FOR.findall(script))


def with_constants(script: bytes, variables: Mapping[str, str]) -> bytes:
    """Return a shell script with values for the variables that begin paths (`$bin/tool`).

    A value is an absolute path that the script sets, or one behind a known variable; else it is
    from `variables`. The last assignment counts. A variable with a default (`${HOME_OF:-/opt/x}`)
    becomes its value in `variables`, or the default.
    """
    known = {
        key.encode(): value.encode()
        for key, value in variables.items()
        if value.startswith("/") and ":" not in value and len(value) <= _MAX_VALUE
    }
    script = _WITH_A_DEFAULT.sub(
        lambda found: known.get(found.group(1), found.group(2)), script, count=_MAX_PUT_IN
    )
    for key, before, rest in _ASSIGNED.findall(script):
        value = known.get(before, b"") + rest
        if (not before or before in known) and len(value) <= _MAX_VALUE:
            known[key] = value
    return (
        _AT_A_BEGINNING.sub(
            lambda found: known.get(found.group(1) or found.group(2), found.group()),
            script,
            count=_MAX_PUT_IN,
        )
        if known
        else script
    )


def shell_words(source: bytes) -> frozenset[str]:
    """Return the words of a shell script outside comment lines."""
    text = source.decode("utf-8", "replace")
    if "python" in text:
        text = _STATEMENT.sub("", text)
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return frozenset(word for line in lines for word in _WORD.findall(line))
