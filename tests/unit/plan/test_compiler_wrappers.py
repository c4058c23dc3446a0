"""Who has a compiler without saying `torch.compile`: wrappers of libraries, by call, argument,
configuration and variable; and what only looks like one.
"""

from dataclasses import replace

import pytest

from careen.errors import ConfigError
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.compiler_wrappers import KINDS, compiles_by_torch, load_wrappers
from careen.plan.core.rules import load_rules, parse_rules
from careen.plan.mechanisms.application.offered_compilers import (
    asked_of_libraries,
    called_names,
    speaking_words,
)
from careen.plan.scanners.compiling_functions import functions
from tests.support.plans import Case, Files, elf, package, plan_for

pytestmark = pytest.mark.slow

RULES = load_rules()
SITE = "/usr/lib/python3.11/site-packages"
LOOMS = f"{SITE}/looms/models.py"
LIBRARY = '''"""Layers."""
import torch


class Loom(torch.nn.Module):
    def compile_only_rows(self, *args, **kwargs):
        """Rows alone; the whole by torch.compile(model)."""
        for row in self.rows:
            row.compile(*args, **kwargs)

    def weave_faster(self, thread):
        fast = torch.compile(self.weave)
        return fast(thread)

    def weave_twice(self, thread):
        return self.weave_faster(self.weave_faster(thread))

    def prepare_threads(self, thread):
        if self.compile_threads:
            thread = torch.compile(thread)
        return thread

    def count_threads(self):
        """Counts them.

        >>> torch.compile(loom).count_threads()
        """
        return len(self.threads)


def is_compiled_loom(loom):
    return isinstance(loom, torch._dynamo.OptimizedModule)


class Settings:
    loom_compile: bool = False
    shed_dynamo_backend: str = "inductor"
    mode = os.environ.get("LOOM_COMPILE_MODE")
'''
FILES: Files = {
    "/usr/lib/python3.11/os.py": "",
    "/usr/lib/python3.11/encodings/__init__.py": "",
    f"{SITE}/torch/__init__.py": "",
    f"{SITE}/transformers/__init__.py": "",
    f"{SITE}/torchao/__init__.py": "",
    f"{SITE}/cffi/__init__.py": "",
    f"{SITE}/ultralytics/__init__.py": "",
    f"{SITE}/looms/__init__.py": "",
    LOOMS: LIBRARY,
    "/usr/bin/g++": elf(),
    "/usr/libexec/gcc/x86_64-linux-gnu/14/cc1": elf(),
}
MODULES = ("torch", "transformers", "torchao", "cffi", "ultralytics", "looms")
PACKAGES = (
    *(
        package(
            Ecosystem.PYPI,
            item,
            tuple(path for path in FILES if f"/{item}/" in path),
            modules=(item,),
        )
        for item in MODULES
    ),
    package(
        Ecosystem.DEB,
        "g++",
        tuple(path for path in FILES if path.startswith(("/usr/bin", "/usr/libexec"))),
    ),
)


def case(source: str, files: Files | None = None, **config: object) -> Case:
    used = {f"{SITE}/torch/__init__.py": Use.OPENED, "/app/m.py": Use.OPENED}
    return Case(
        {**FILES, **(files or {}), "/app/m.py": source},
        used,
        (),
        run={"WorkingDir": "/app", **config},
        packages=PACKAGES,
        rules=RULES,
    )


def compiler(one: Case) -> bool:
    return ImagePath("/usr/bin/g++") in plan_for(one).keep


@pytest.mark.parametrize(
    "source",
    [
        "import looms\nmodel.compile_only_rows(fullgraph=True)\n",
        "from looms import Loom\nLoom().weave_faster(x)\n",
        "from looms import Loom\nLoom().weave_twice(x)\n",
        "Trainer(**{'loom_compile': True})\n",
        "run(loom_compile=flag)\n",
        "run(shed_dynamo_backend='inductor')\n",
        "parser.add_argument('--loom-compile')\n",
        "model.compile()\n",
        "model.compile(mode='reduce-overhead')\n",
        "pipe.unet.compile(\n    fullgraph=True,\n)\n",
        "models[0].compile(**options)\n",
        "import torch as th\nth.compile(model)\n",
        "from torch import compile, nn\ncompile(model)\n",
        "optimiser = AdamW4bit(model.parameters())\n",
        "Arguments(optim='adamw_torch_8bit')\n",
        "load(name, attn_implementation='flex_attention')\n",
        "from ultralytics import YOLO\nYOLO(x).predict(y, compile=True)\n",
    ],
)
def test_a_wrapper_of_torch_compile_keeps_the_compiler(source: str) -> None:
    assert compiler(case(source))


@pytest.mark.parametrize(
    ("files", "config"),
    [
        ({"/app/conf/train.yaml": "loom_compile: true\n"}, {}),
        ({"/app/train.json": '{"loom-compile": true}'}, {}),
        ({"/app/train.toml": "[model]\ncompile = true\n"}, {}),
        ({"/etc/trainer/settings.ini": "[a]\nloom_compile = yes\n"}, {}),
        ({}, {"Env": ["LOOM_COMPILE_MODE=default"]}),
        ({}, {"Cmd": ["python", "m.py", "--loom-compile"]}),
    ],
)
def test_a_setting_that_a_library_reads_keeps_the_compiler(
    files: Files, config: dict[str, object]
) -> None:
    assert compiler(case("import looms\nrun(**read())\n", files, **config))


@pytest.mark.parametrize(
    "source",
    [
        "import re\nre.compile('x')\n_X = re.compile()\n",
        "import looms\nlooms.is_compiled_loom(m)\n",
        "from langgraph.graph import StateGraph\nStateGraph(S).compile()\n",
        "model.compile(optimizer='adam', loss='mse')\n",
        "graph.compile(checkpointer=memory)\n",
        "import looms\nloom.count_threads()\n",
        "import looms\nloom.prepare_threads(x)\n",
        "def weave_faster(x):\n    return x\nweave_faster(1)\nimport looms\n",
        "compile_report(1)\n",
        "table = 'dynamodb_backend'\n",
        "torch.compiler.disable(f)\nLOOM_COMPILE_DISABLE = 1\n",
    ],
)
def test_what_only_looks_like_a_wrapper_keeps_no_compiler(source: str) -> None:
    assert not compiler(case(source))


def test_a_cache_that_compiles_on_a_gpu_alone_keeps_the_compiler_there() -> None:
    source = "model.generate(x, cache_implementation='static')\n"
    assert not compiler(case(source))
    assert compiler(case(source, {f"{SITE}/torch/lib/libtorch_cuda.so": elf()}))


def test_a_wrapper_of_a_library_that_is_not_there_keeps_nothing() -> None:
    apart = tuple(item for item in PACKAGES if item.name not in ("looms", "torchao"))
    gone = {
        path: text
        for path, text in FILES.items()
        if "/looms/" not in path and "/torchao/" not in path
    }
    one = case("AdamW4bit(p)\nmodel.compile_only_rows()\n")
    assert not compiler(
        replace(one, files={**gone, "/app/m.py": one.files["/app/m.py"]}, packages=apart)
    )


def test_a_library_that_writes_c_keeps_the_compiler_and_the_c_compiler_proper() -> None:
    plan = plan_for(case("from cffi import FFI\nffi.set_source('_x', SRC)\nmodel.compile()\n"))
    assert {
        ImagePath("/usr/bin/g++"),
        ImagePath("/usr/libexec/gcc/x86_64-linux-gnu/14/cc1"),
    } <= plan.keep.keys()


def test_code_of_torch_alone_leaves_the_c_compiler_proper_out_whoever_asks_for_it() -> None:
    one = case("import looms\nmodel.compile_only_rows()\n")
    plan = plan_for(replace(one, packages=tuple(item for item in PACKAGES if item.name != "cffi")))
    assert ImagePath("/usr/bin/g++") in plan.keep
    assert ImagePath("/usr/libexec/gcc/x86_64-linux-gnu/14/cc1") not in plan.keep


def test_the_plan_says_which_file_asks_for_the_compiler() -> None:
    plan = plan_for(case("import looms\nmodel.compile_only_rows()\n"))
    assert plan.keep[ImagePath("/usr/bin/g++")].because == "/app/m.py"
    plan = plan_for(case("import torch as th\nth.compile(m)\n"))
    assert plan.keep[ImagePath("/usr/bin/g++")].because == "/app/m.py"


def test_functions_by_indentation() -> None:
    found = {item.name: item for item in functions(LIBRARY.encode())}
    assert {name for name, item in found.items() if item.compiles} == {
        "compile_only_rows",
        "weave_faster",
        "prepare_threads",
    }
    assert {name for name, item in found.items() if item.gated} == {"prepare_threads"}


def test_functions_that_are_decorated_or_hold_others() -> None:
    source = b"@torch.compile(dynamic=True)\ndef a(x):\n    return x\n\n"
    source += b"def b():\n    def c():\n        return torch.compile(x)\n    return c\n"
    source += b"@torch.compiler.disable\ndef d(x):\n    f(x)\n"
    found = {item.name: item.compiles for item in functions(source)}
    assert found == {"a": True, "c": True, "b": True, "d": False}


@pytest.mark.parametrize(
    "source",
    [b'"""' * 100_000, b"if x:\n" * 100_000, b"def f(\n" * 100_000, b"@torch.compile\n" * 100_000],
)
def test_a_hostile_source_is_read_in_one_go(source: bytes) -> None:
    assert len(list(functions(source))) <= 100_000


def test_words_and_calls_of_an_application() -> None:
    assert speaking_words(
        b"torch-compile dynamo_backend compile compiled is_compiled_module from_compiled"
        b" dynamodb_table decompile_all"
    ) == {
        "torch_compile",
        "dynamo_backend",
    }
    assert called_names(
        b"def own_one(): ...\nown_one()\nx.other_one(1)\nshort()\n_private_one()\n"
    ) == {"other_one"}


def test_a_wrapper_is_looked_for_in_libraries_that_the_application_imports() -> None:
    libraries = [(ImagePath(LOOMS), "looms", LIBRARY.encode())]
    assert list(asked_of_libraries(b"x.weave_faster(1)\n", b"", libraries)) == []
    assert list(asked_of_libraries(b"import looms\nx.weave_faster(1)\n", b"", libraries)) == [
        ("weave_faster", LOOMS)
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (b"m.compile(\n  mode=x)", ".compile()"),
        (b"re.compile()", None),
        (b"m.compile(x)", None),
        (b"m.compiles()", None),
    ],
)
def test_the_method_of_a_module(source: bytes, found: str | None) -> None:
    assert compiles_by_torch(source) == found


def test_every_row_of_the_table_is_complete() -> None:
    rows = load_wrappers()
    assert rows
    assert all(row.kind in KINDS and row.library and (row.names or row.keywords) for row in rows)


def test_a_kind_of_code_that_is_none_is_refused() -> None:
    rule = (
        b'version = 1\n[[rule]]\nid = "x"\nreason = "r"\nsource = "s"\nkeep ='
        b' ["/x"]\n[rule.when]\ncompiles = ["rust"]\n'
    )
    with pytest.raises(ConfigError, match=r"compiles: expected torch, extension, c, got 'rust'"):
        parse_rules(rule, "mine.toml")
