"""Modules that only a configuration names: a logging formatter, a plugin, a class to
instantiate.
"""

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.scanners.chosen_modules import chosen, chosen_by, listed
from careen.plan.scanners.imports import configured
from tests.support.plans import Case, Files, package, plan_for

SITE = "/usr/local/lib/python3.11/site-packages"


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("formatters:\n  json:\n    class: jsonlog.core.Formatter\n", {"jsonlog"}),
        ('{"()": "jsonlog.Formatter", "x": ["plug.a:make"]}', {"jsonlog", "plug"}),
        ("[handlers]\nclass=jsonlog.handlers.Rotating\nargs=(plug.x, 1)\n", {"jsonlog", "plug"}),
        ("steps:\n  - plug.clean\n  - other\n", {"plug"}),
        (
            "model:\n  _target_: plug.core.Model\nnet: {class: jsonlog.nets.Net}\n",
            {"plug", "jsonlog"},
        ),
        ("model: plug.model:Net\nmerges: jsonlog.model\n", {"plug"}),
        ("files: [SPIECE.MODEL, plug.JSON]\n", set()),
        (
            (
                'weights = "jsonlog.safetensors"\npage: plug.html\nversion: 1.2.3\nurl:'
                " https://plug.example.org/x\n"
            ),
            set(),
        ),
    ],
)
def test_dotted_names_of_a_configuration(text: str, modules: set[str]) -> None:
    assert configured(text.encode()) == modules


def owner(module: str) -> Package:
    return package(
        Ecosystem.PYPI,
        module,
        (f"{SITE}/{module}/__init__.py", f"{SITE}/{module}/late.py"),
        modules=(module,),
    )


def test_a_distribution_that_a_configuration_file_names_stays_whole() -> None:
    files: Files = {
        "/app/main.py": "import logging.config\n",
        "/app/production.yaml": "formatters: {json: {class: jsonlog.Formatter}}\n",
        **{
            f"{SITE}/{module}/{name}.py": ""
            for module in ("jsonlog", "other")
            for name in ("__init__", "late")
        },
    }
    case = Case(
        files,
        {"/app/main.py": Use.OPENED},
        (),
        packages=(owner("jsonlog"), owner("other")),
        run={"WorkingDir": "/app"},
    )
    plan = plan_for(case)
    assert plan.keep[ImagePath(f"{SITE}/jsonlog/late.py")].because == "/app/production.yaml"
    assert ImagePath(f"{SITE}/other/late.py") in plan.remove
    assert ImagePath(f"{SITE}/jsonlog/late.py") in plan_for(case, Level.OBSERVED).remove


SETTINGS = {
    "/app/settings.yaml": "engine: fast  # or slow\nplugins: [audit, 'mail']\n",
    "/app/pyproject.toml": 'dependencies = [\n  "declared",\n]\n',
}


def plan_of_settings(source: str, **variables: str) -> set[str]:
    modules = ("fast", "audit", "mail", "slow", "declared", "told")
    files: Files = {
        "/app/main.py": source,
        **SETTINGS,
        **{f"{SITE}/{module}/__init__.py": "" for module in modules},
    }
    run = {"WorkingDir": "/app", "Env": [f"{key}={value}" for key, value in variables.items()]}
    plan = plan_for(
        Case(
            files,
            {"/app/main.py": Use.OPENED},
            (),
            packages=tuple(owner(module) for module in modules),
            run=run,
        )
    )
    return {module for module in modules if ImagePath(f"{SITE}/{module}/__init__.py") in plan.keep}


@pytest.mark.parametrize(
    "call",
    [
        "importlib.import_module(settings['engine'])",
        "__import__(name)",
        "import_module(f'{name}.backend')",
    ],
)
def test_what_a_setting_chooses_stays_where_the_application_imports_what_it_is_told(
    call: str,
) -> None:
    assert plan_of_settings(f"x = {call}\n", ENGINES="told,fast", PATH="/slow") == {
        "fast",
        "audit",
        "mail",
        "told",
    }


@pytest.mark.parametrize(
    "call", ["importlib.import_module('os')", "import_module(f'shop_{name}')", "find(name)"]
)
def test_a_word_in_the_settings_chooses_nothing_where_no_import_is_open(call: str) -> None:
    assert plan_of_settings(f"x = {call}\n", ENGINES="told") == set()


def test_a_large_file_of_words_chooses_nothing() -> None:
    assert (
        chosen(ImagePath("/app/words.json"), b'["fast", ' + b'"x", ' * 20_000 + b'"y"]')
        == frozenset()
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[app]\nx.includes = one two, three  # four\n", {"one", "two", "three"}),
        ("includes =\n    one\n    two\n[other]\n", {"one", "two"}),
        ("app:\n  engine: fast\n  more: a/b c\n", {"fast"}),
        ("one two\n", set()),
    ],
)
def test_the_words_of_values_that_are_lists(text: str, words: set[str]) -> None:
    assert listed(ImagePath("/app/x.ini"), text.encode()) == words


def test_a_long_value_that_is_no_list_is_read_in_time() -> None:
    assert listed(ImagePath("/app/x.ini"), b"key = " + b"ab " * 20_000 + b"!") == frozenset()


OPEN = "import importlib\n\ndef include(name):\n    return importlib.import_module(name)\n"


@pytest.mark.parametrize(
    ("library", "requires", "kept"),
    [(OPEN, ("frame",), True), (OPEN, (), False), ("import json\n", ("frame",), False)],
)
def test_a_plugin_that_a_setting_lists_for_a_library_stays_if_the_library_imports_what_it_is_told(
    library: str, requires: tuple[str, ...], kept: bool
) -> None:
    files: Files = {
        "/app/main.py": "import frame\n",
        "/app/debug.ini": "[app]\nframe.includes =\n    frame_mail frame_panel\n",
        f"{SITE}/frame/__init__.py": library,
        f"{SITE}/frame/late.py": "",
        f"{SITE}/frame_panel/__init__.py": "",
        f"{SITE}/frame_panel/late.py": "",
    }
    panel = package(
        Ecosystem.PYPI,
        "frame_panel",
        (f"{SITE}/frame_panel/__init__.py", f"{SITE}/frame_panel/late.py"),
        modules=("frame_panel",),
        depends=requires,
    )
    case = Case(
        files,
        {"/app/main.py": Use.OPENED, f"{SITE}/frame/__init__.py": Use.OPENED},
        (),
        packages=(owner("frame"), panel),
        run={"WorkingDir": "/app"},
    )
    assert (ImagePath(f"{SITE}/frame_panel/late.py") in plan_for(case).keep) is kept


@pytest.mark.parametrize("engine", ["fast-engine", "fast_engine"])
def test_a_setting_may_write_a_module_as_its_distribution_is_called(engine: str) -> None:
    found = chosen(
        ImagePath("/app/a.yaml"), f"engine: {engine}\nothers:\n  - {engine}-2\n".encode()
    )
    assert found == {"fast_engine", f"{engine}-2".replace("-", "_")}
    assert chosen_by({"ENGINES": f"{engine},other"}) == {"fast_engine", "other"}


def asked_for(name: str, *, below: str = SITE, depends: tuple[str, ...] = ()) -> Package:
    record = f"{below}/{name}-1.dist-info"
    return Package(
        Ecosystem.PYPI,
        name,
        "1",
        f"pkg:pypi/{name}@1",
        ImagePath(f"{record}/RECORD"),
        (ImagePath(f"{below}/{name}/__init__.py"), ImagePath(f"{record}/REQUESTED")),
        (ImagePath(f"{record}/REQUESTED"),),
        depends=depends,
        modules=(name,),
    )


@pytest.mark.parametrize(
    ("source", "stays"),
    [
        ("importlib.import_module(os.environ['ENGINE'])\n", True),
        ("importlib.import_module(f'app.engines.{name}')\n", False),
        ("import os\n", False),
    ],
)
def test_what_was_asked_for_stays_if_the_application_imports_what_it_is_told(
    source: str, *, stays: bool
) -> None:
    vendored = f"{SITE}/setuptools/_vendor"
    files: Files = {
        "/app/main.py": source,
        **{
            f"{below}/{name}": ""
            for below, module in (
                (SITE, "engine"),
                (SITE, "gears"),
                (SITE, "pip"),
                (vendored, "zipp"),
            )
            for name in (f"{module}/__init__.py", f"{module}-1.dist-info/REQUESTED")
        },
        f"{SITE}/other/__init__.py": "",
    }
    packages = (
        asked_for("engine", depends=("gears",)),
        asked_for("gears"),
        asked_for("pip"),
        asked_for("zipp", below=vendored),
        owner("other"),
    )
    plan = plan_for(
        Case(
            files,
            {"/app/main.py": Use.OPENED},
            (),
            packages=packages,
            run={"WorkingDir": "/app"},
            rules=load_rules(),
        )
    )
    assert (ImagePath(f"{SITE}/engine/__init__.py") in plan.keep) is stays
    for path in (f"{SITE}/gears", f"{SITE}/pip", f"{vendored}/zipp", f"{SITE}/other"):
        assert ImagePath(f"{path}/__init__.py") not in plan.keep


@pytest.mark.parametrize(
    "names",
    [
        "'json audit mail'.split()",
        "'''\njson\naudit\n'''.split()",
        "os.environ.get('PLUGINS', 'json,audit').split(',')",
    ],
)
def test_names_in_a_text_that_is_split_count_where_modules_are_imported_by_name(names: str) -> None:
    source = f"for name in {names}:\n    import_module(name)\n"
    module = ImagePath(f"{SITE}/audit/late.py")
    files: Files = {
        "/app/main.py": source,
        f"{SITE}/audit/__init__.py": "",
        module: "",
    }
    used = {"/app/main.py": Use.OPENED}
    run = {"WorkingDir": "/app"}
    case = Case(files, used, (), packages=(owner("audit"),), run=run)
    assert module in plan_for(case).keep
    told = {**files, "/app/main.py": source.replace("import_module", "print")}
    assert module in plan_for(Case(told, used, (), packages=case.packages, run=run)).remove


def test_a_word_of_a_setting_may_name_an_object_of_its_module() -> None:
    assert chosen(ImagePath("/app/a.toml"), b'entry = "audit:main"\n') == {"audit"}
    assert chosen(ImagePath("/app/a.toml"), b'entry = "audit:9"\n') == frozenset()
