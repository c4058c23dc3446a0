"""Every public module, class and function of careen states its contract in a docstring."""

import ast
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).resolve().parent.parent.parent / "src" / "careen"
MODULES = sorted(SOURCE.rglob("*.py"))
# A test of each folder: one of each module would be a tenth of all tests, to collect and to report.
FOLDERS = sorted({path.parent for path in MODULES})
BASES = ("Mechanism",)  # classes that are ports and give their methods a default, too


def is_protocol(node: ast.ClassDef) -> bool:
    """Say whether a class is a port; a generic one is written `Protocol[T]`."""
    bases = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return node.name in BASES or any(
        isinstance(base, ast.Name) and base.id == "Protocol" for base in bases
    )


@cache
def ports() -> frozenset[str]:
    """Collect the methods of every port: the contract stands there, once, and an adapter need not
    say it again.
    """
    texts = (path.read_text(encoding="utf-8") for path in MODULES)
    classes = (
        node
        for text in texts
        if any(name in text for name in ("Protocol", *BASES))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
    )
    return frozenset(
        child.name
        for node in classes
        if is_protocol(node)
        for child in node.body
        if isinstance(child, ast.FunctionDef)
    )


def says_itself(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a name is its own contract: a property of at most three statements, an
    override.
    """
    names = {mark.id for mark in node.decorator_list if isinstance(mark, ast.Name)}
    return bool(names & {"override", "overload"}) or (
        bool(names & {"property", "cached_property"}) and len(node.body) <= 3
    )


def undocumented(tree: ast.Module, inherited: Collection[str] = ()) -> Iterator[str]:
    """Yield the dotted names of what should have a docstring and has none; `inherited` are method
    names whose contract stands in a port.
    """
    if ast.get_docstring(tree) is None:
        yield "the module"
    waiting: list[tuple[str, ast.stmt, Collection[str]]] = [("", node, ()) for node in tree.body]
    while waiting:
        prefix, node, exempt = waiting.pop()
        if not isinstance(
            node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) or node.name.startswith("_"):
            continue
        name = f"{prefix}{node.name}"
        documented = ast.get_docstring(node) is not None
        if isinstance(node, ast.ClassDef):
            if not documented:
                yield name
            # A port of one method says what it does in its own docstring.
            methods = [child for child in node.body if isinstance(child, ast.FunctionDef)]
            single = (
                [method.name for method in methods]
                if is_protocol(node) and len(methods) == 1
                else []
            )
            below = single if is_protocol(node) else inherited
            waiting += [(f"{name}.", child, below) for child in node.body]
        elif not documented and node.name not in exempt and not says_itself(node):
            yield name


@pytest.mark.parametrize(
    "folder", FOLDERS, ids=lambda folder: folder.relative_to(SOURCE.parent).as_posix()
)
def test_public_things_have_docstrings(folder: Path) -> None:
    missing = {
        path.name: names
        for path in sorted(folder.glob("*.py"))
        if (names := sorted(undocumented(ast.parse(path.read_text(encoding="utf-8")), ports())))
    }
    assert missing == {}


def test_the_check_sees_what_is_missing() -> None:
    source = (
        '"""Doc."""\nclass A:\n    def f(self): ...\n    @property\n    def p(self): return 1\n   '
        ' def _g(self): ...\ndef h(): ...\ndef k():\n    """Doc."""\n'
    )
    assert sorted(undocumented(ast.parse(source))) == ["A", "A.f", "h"]
    assert sorted(undocumented(ast.parse(source), {"f"})) == ["A", "h"]
