"""All regular expressions of careen, and how each of them is used."""

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import careen

METHODS = frozenset({"match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split"})
_DEPTH = 4
_PLAIN = (str, bytes, int, float, Path, ModuleType, type(None))


@dataclass(frozen=True, slots=True)
class Site:
    """An expression, where it stands, and the methods of `re` that are called on it; "search" where
    that is not known.
    """

    where: str
    pattern: str | bytes
    flags: int
    methods: frozenset[str]


def modules() -> Iterator[ModuleType]:
    """Import all modules of careen but those that do something when they are imported."""
    for found in pkgutil.walk_packages(careen.__path__, "careen."):
        if not found.name.endswith("__main__") and ".inside." not in f"{found.name}.":
            yield importlib.import_module(found.name)


@cache
def nodes() -> dict[str, list[ast.AST]]:
    """Return all nodes of the syntax tree of each file, outer ones first, by its path in the
    package.
    """
    root = Path(careen.__file__).parent
    return {
        str(path.relative_to(root)): list(ast.walk(ast.parse(path.read_text())))
        for path in sorted(root.rglob("*.py"))
    }


def compiled() -> list[Site]:
    """Return the expressions that modules hold: in names, in members of classes and values, in
    containers.
    """
    uses = _uses()
    out: dict[tuple[str | bytes, int, frozenset[str]], Site] = {}
    for module in modules():
        for name, value in list(vars(module).items()):
            if isinstance(value, ModuleType) or (
                isinstance(value, re.Pattern) and (module.__name__, name) not in uses
            ):
                continue  # an imported name is looked at where it is made
            for path, found in _patterns(value, 0, set()):
                methods = (
                    uses.get((module.__name__, name), frozenset({"search"}))
                    if not path
                    else frozenset({"search"})
                )
                site = Site(f"{module.__name__}.{name}{path}", found.pattern, found.flags, methods)
                out.setdefault((site.pattern, site.flags, site.methods), site)
    return list(out.values())


def held_by(where: str, value: object) -> list[Site]:
    """Return the expressions that a value holds."""
    searched = frozenset({"search"})
    found = _patterns(value, 0, set())
    return [Site(f"{where}{path}", each.pattern, each.flags, searched) for path, each in found]


def _patterns(
    value: object, depth: int, seen: set[int]
) -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    if isinstance(value, re.Pattern):
        yield "", value
    if depth >= _DEPTH or id(value) in seen or isinstance(value, _PLAIN):
        return
    seen.add(id(value))
    inner: list[object] = []
    if isinstance(value, dict):
        inner = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inner = list(value)
    elif isinstance(value, type) and str(value.__module__).startswith("careen"):
        inner = list(vars(value).values())
    elif str(type(value).__module__).startswith("careen"):
        inner = [
            getattr(value, name, None) for name in getattr(type(value), "__slots__", ())
        ] + list(getattr(value, "__dict__", {}).values())
    elif callable(value) and str(getattr(value, "__module__", "")).startswith("careen"):
        inner = [
            *(getattr(value, "__defaults__", None) or ()),
            *(cell.cell_contents for cell in getattr(value, "__closure__", None) or ()),
        ]
    for each in inner:
        if isinstance(each, _PLAIN):  # most are
            continue
        for path, found in _patterns(each, depth + 1, seen):
            yield f"[]{path}", found


def _uses() -> dict[tuple[str, str], frozenset[str]]:
    """Return, for each module and name in it, the methods that are called on it there and where it
    is imported.
    """
    called: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path, found in nodes().items():
        here = _module(path)
        origins = {
            each.asname or each.name: (node.module, each.name)
            for node in found
            if isinstance(node, ast.ImportFrom) and node.module
            for each in node.names
        }
        owners = {id(node.value): node.attr for node in found if isinstance(node, ast.Attribute)}
        for node in found:
            key: tuple[str, str] | None = None
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                key = origins.get(node.id, (here, node.id))
            elif (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in origins
            ):
                key = (".".join(origins[node.value.id]), node.attr)
            if key is not None:
                method = owners.get(id(node), "")
                called[key].add(
                    method
                    if method in METHODS
                    else ""
                    if method in {"pattern", "flags", "groups"}
                    else "search"
                )
    return {
        key: frozenset(methods - {""}) or frozenset({"search"}) for key, methods in called.items()
    }


def _module(path: str) -> str:
    return "careen." + path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def written() -> list[Site]:
    """Return the expressions that stand in the source as literals."""
    found: list[Site] = []
    for path, _, node, method in _calls():
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
            methods = frozenset({"search" if method == "compile" else method})
            found.append(Site(f"{path}:{node.lineno}", first.value, _flags(node), methods))
    return found


def made() -> frozenset[str]:
    """Return the functions that put an expression together when they are called, each as `path:
    function`.
    """
    places = ((path, function, node) for path, function, node, _ in _calls())
    return frozenset(
        f"{path}: {function}"
        for path, function, node in places
        if function and not isinstance(node.args[0], ast.Constant)
    )


@cache
def _calls() -> list[tuple[str, str, ast.Call, str]]:
    """Return each call of `re`: its file, the function that it stands in, the call, and what is
    called.
    """
    out: list[tuple[str, str, ast.Call, str]] = []
    for path, found in nodes().items():
        calls = [
            (node, node.func.attr)
            for node in found
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and (node.func.value.id, node.func.attr in METHODS | {"compile"}) == ("re", True)
            and node.args
        ]
        functions = [node for node in found if isinstance(node, ast.FunctionDef)] if calls else []
        named = {id(inner): node.name for node in functions for inner in ast.walk(node)}
        out += [(path, named.get(id(node), ""), node, method) for node, method in calls]
    return out


def _flags(node: ast.Call) -> int:
    found = [
        each
        for each in (*node.args[1:], *(each.value for each in node.keywords))
        if "re." in ast.unparse(each)
    ]
    names = {name for each in found for name in re.findall(r"re\.([A-Z]+)", ast.unparse(each))}
    return sum(int(getattr(re, name)) for name in names)
