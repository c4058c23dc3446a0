"""Packages in node_modules: what an application keeps of them, and what only its builds and tests
would.
"""

import json
from collections.abc import Mapping

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath, parent
from careen.model.plan import Level
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.mechanisms.application.own_files import MAX_PROGRAM
from careen.plan.scanners.foreign_code import is_foreign
from careen.plan.scanners.node_names import called, is_of_development, needs, quoted
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Exec, Link, SetId, tree

pytestmark = pytest.mark.slow

NODE: Files = {"/usr/local/bin/node": elf()}
RUN: Mapping[str, Use] = {"/usr/local/bin/node": Use.EXECUTED, "/app/server.js": Use.OPENED}
APP = {"WorkingDir": "/app", "Cmd": ["node", "server.js"]}


def app(
    manifest: Mapping[str, object],
    source: str = "",
    *,
    host: str = "/app",
    **packages: Mapping[str, object],
) -> Files:
    """An application with packages of one file each; `scope__name` stands for `@scope/name`."""
    files: dict[str, bytes | str | Link | None] = {
        **NODE,
        f"{host}/package.json": json.dumps(manifest),
        f"{host}/server.js": source,
    }
    for label, stated in packages.items():
        home = f"{host}/node_modules/{'@' + label.replace('__', '/') if '__' in label else label.replace('_', '-')}"
        files |= {
            f"{home}/package.json": json.dumps({"name": label, "version": "1.0.0", **stated}),
            f"{home}/index.js": str(stated.get("code", "")),
        }
    return files


def kept_of(case: Case, level: Level = Level.CLOSURE) -> set[str]:
    """The packages of which the source stays, by their path below the first node_modules."""
    return {
        path.partition("/node_modules/")[2].removesuffix("/index.js")
        for path in plan_for(case, level).keep
        if path.endswith("/index.js")
    }


def test_dependencies_stay_whole_with_theirs_and_what_builds_need_goes() -> None:
    files = app(
        {"dependencies": {"a": "1"}, "devDependencies": {"typescript": "5"}},
        a={"dependencies": {"b": "1"}, "optionalDependencies": {"d": "1"}},
        b={"peerDependencies": {"scope/c": "1", "@scope/c": "1"}},
        scope__c={},
        d={},
        typescript={"dependencies": {"only-types": "1"}},
        only_types={},
    )
    files = {**files, "/app/node_modules/a/lib/never-used.json": "{}"}
    case = Case(files, RUN, (), run=APP)
    assert kept_of(case) == {"a", "b", "@scope/c", "d"}
    assert (
        plan_for(case).keep[ImagePath("/app/node_modules/a/lib/never-used.json")].code
        == "node-dependency"
    )
    assert kept_of(case, Level.OBSERVED) == set()
    assert {"typescript", "only-types"} <= kept_of(case, Level.PACKAGE)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("/app/server.js", "app.set('view engine', 'pug')"),
        ("/app/lib/deep/x.mjs", "const engine = `pug`"),
        ("/app/config/default.yaml", 'engine: "pug/lib"'),
        ("/app/src/view.mts", 'export const engine = "pug"'),
        ("/app/bunfig.toml", 'preload = ["pug/register"]'),
    ],
)
def test_a_name_in_quotes_in_the_applications_source_keeps_a_package(file: str, text: str) -> None:
    files = {
        **app({"dependencies": {}}, pug={"dependencies": {"lexer": "1"}}, lexer={}, other={}),
        file: text,
    }
    assert kept_of(Case(files, RUN, (), run=APP)) == {"pug", "lexer"}


def test_what_only_a_test_of_the_application_names_goes() -> None:
    files = {
        **app({"devDependencies": {"jest": "1"}}, jest={}),
        "/app/test/a.js": "require('jest')",
        "/app/a.spec.ts": "import 'jest'",
        "/app/jest.config.js": "'jest'",
    }
    assert kept_of(Case(files, RUN, (), run=APP)) == set()


def test_an_application_below_a_directory_called_test_is_no_test() -> None:
    files = app({"devDependencies": {"pug": "1"}}, "use('pug')", host="/test/app", pug={})
    run = {"/usr/local/bin/node": Use.EXECUTED, "/test/app/server.js": Use.OPENED}
    assert kept_of(Case(files, run, (), run={"WorkingDir": "/test/app"})) == {"pug"}


@pytest.mark.parametrize(
    ("script", "kept"),
    [
        ("start:docker", True),
        ("prestart", True),
        ("serve", True),
        ("test:e2e", False),
        ("build", False),
        ("ci-lint", False),
    ],
)
def test_scripts_by_their_names(script: str, *, kept: bool) -> None:
    stated = needs(json.dumps({"scripts": {script: "runner --now"}}).encode(), "/x")
    assert ("runner" in stated.commands) is kept


def test_a_used_file_keeps_its_package_and_a_looked_up_one_does_not() -> None:
    files = app(
        {"devDependencies": {"a": "1", "b": "1"}},
        a={"code": "module.exports = load('c')"},
        b={},
        c={},
    )
    used = {
        **RUN,
        "/app/node_modules/a/index.js": Use.OPENED,
        "/app/node_modules/b/package.json": Use.LOOKED_UP,
    }
    assert kept_of(Case(files, used, (), run=APP)) == {"a", "c"}


def test_commands_of_scripts_stay_and_those_that_build_or_test_go() -> None:
    files = {
        **app(
            {
                "scripts": {"migrate": "knex migrate:latest", "test": "jest"},
                "devDependencies": {"knex": "1", "jest": "1"},
            },
            knex={},
            jest={},
        ),
        "/app/node_modules/knex/bin/cli.js": Exec(b"#!/usr/bin/env node\n"),
        "/app/node_modules/jest/bin/jest.js": Exec(b"#!/usr/bin/env node\n"),
        "/app/node_modules/.bin/knex": Link("../knex/bin/cli.js"),
        "/app/node_modules/.bin/jest": Link("../jest/bin/jest.js"),
    }
    plan = plan_for(Case(files, RUN, (), run=APP))
    assert ImagePath("/app/node_modules/.bin/knex") in plan.keep
    assert ImagePath("/app/node_modules/.bin/jest") in plan.remove
    assert ImagePath("/app/node_modules/jest/index.js") in plan.remove


def test_source_maps_of_packages_go_unless_the_application_reads_such() -> None:
    for source, gone in (
        ("require('a')", True),
        ("require('source-map-support').install()", False),
    ):
        files = {
            **app({"dependencies": {"a": "1"}}, source, a={}),
            "/app/node_modules/a/index.js.map": "{}",
            "/app/node_modules/a/unicode.map": "",
        }
        plan = plan_for(Case(files, RUN, (), run=APP), rules=load_rules())
        assert (ImagePath("/app/node_modules/a/index.js.map") in plan.remove) is gone
        assert ImagePath("/app/node_modules/a/unicode.map") in plan.keep


def test_source_maps_and_headers_of_node_in_a_wheel_go_where_nothing_compiles() -> None:
    site = "/usr/lib/python3.11/site-packages"
    wheel = ("a/__init__.py", "a/dist/a.js", "a/dist/a.js.map", "a/include/node/openssl/x.h")
    owner = package(Ecosystem.PYPI, "a", tuple(f"{site}/{item}" for item in wheel), modules=("a",))
    for compiler, gone in (({}, True), ({"/usr/bin/g++": elf()}, False)):
        files: Files = {
            "/usr/lib/python3.11/os.py": "",
            "/usr/lib/python3.11/encodings/__init__.py": "",
            **{f"{site}/{item}": "" for item in wheel},
            "/app/main.py": "FORMS = ['gcc', 'json']  # of a linter's messages\n",
            **compiler,
        }
        used = {f"{site}/a/__init__.py": Use.OPENED, "/app/main.py": Use.OPENED}
        plan = plan_for(Case(files, used, (), packages=(owner,)), rules=load_rules())
        assert (ImagePath(f"{site}/a/include/node/openssl/x.h") in plan.remove) is gone
        assert ImagePath(f"{site}/a/dist/a.js.map") in plan.remove
        assert ImagePath(f"{site}/a/dist/a.js") in plan.keep


def test_native_code_for_other_systems_and_processors_goes() -> None:
    home = "/app/node_modules/a"
    other = {
        "arm64.node": elf(machine=183),
        "win32.node": Exec(b"MZ" + bytes(80)),
        "darwin.node": Exec(b"\xcf\xfa\xed\xfe" + bytes(80)),
    }
    ours = {
        "x64.node": elf(),
        "32.so": elf(machine=3),
        "kernel.so": elf(machine=190),
        "odd.dll": Exec(b"no header of that kind at all"),
    }
    files = {
        **app({"dependencies": {"a": "1"}}, a={}),
        **{f"{home}/{name}": data for name, data in {**other, **ours}.items()},
    }
    plan = plan_for(Case(files, RUN, (), run=APP), rules=load_rules())
    assert {
        path.rpartition("/")[2]: reason.code for path, reason in plan.remove.items()
    } == dict.fromkeys(other, "rule:native-code-of-other-systems")
    assert {ImagePath(f"{home}/{name}") for name in ours} <= plan.keep.keys()
    emulated = {**files, "/usr/bin/qemu-aarch64-static": elf()}
    assert {ImagePath(f"{home}/{name}") for name in other} <= plan_for(
        Case(emulated, RUN, (), run=APP), rules=load_rules()
    ).keep.keys()
    used = {**RUN, f"{home}/arm64.node": Use.OPENED}
    assert (
        ImagePath(f"{home}/arm64.node")
        in plan_for(Case(files, used, (), run=APP), rules=load_rules()).keep
    )


@pytest.mark.parametrize(
    ("head", "architecture", "foreign"),
    [
        (b"\xca\xfe\xba\xbe\0\0\0\x02", "amd64", True),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "amd64", False),  # a class of Java
        (bytes(elf()[:20]), "arm64", True),
        (bytes(elf(machine=40)[:20]), "arm64", False),
        (bytes(elf()[:20]), "", False),
        (b"MZ", "amd64", False),
    ],
)
def test_what_a_header_says(head: bytes, architecture: str, foreign: bool) -> None:
    path = ImagePath("/x")
    data = head if len(head) < 4 else head.ljust(40, b"\0")
    rootfs = tree({path: Exec(data)})
    assert is_foreign(rootfs, rootfs[path], architecture) is foreign


BUILT = (
    "index.d.ts",
    "src/addon.cc",
    "build/Release/obj.target/addon.node",
    "build/Release/addon.o",
    "binding.gyp",
)


@pytest.mark.parametrize(
    ("more", "used", "gone"),
    [
        ({}, {}, set(BUILT)),
        ({"/app/node_modules/typescript/lib/typescript.js": ""}, {}, set(BUILT) - {"index.d.ts"}),
        ({"/usr/bin/make": elf()}, {"/usr/bin/make": Use.EXECUTED}, {"index.d.ts"}),
        ({}, {f"/app/node_modules/a/{BUILT[1]}": Use.OPENED}, set(BUILT) - {BUILT[1]}),
    ],
)
def test_types_and_sources_of_addons_go_but_where_something_could_read_them(
    more: Files, used: Mapping[str, Use], gone: set[str]
) -> None:
    home = "/app/node_modules/a"
    files = {
        **app({"dependencies": {"a": "1"}}, a={}),
        **more,
        **{f"{home}/{item}": "" for item in (*BUILT, "build/Release/addon.node")},
    }
    plan = plan_for(Case(files, {**RUN, **used}, (), run=APP), rules=load_rules())
    assert {item for item in BUILT if ImagePath(f"{home}/{item}") in plan.remove} == gone
    assert ImagePath(f"{home}/build/Release/addon.node") in plan.keep


def test_links_of_pnpm_lead_to_packages_and_stay_with_them() -> None:
    store = "/app/node_modules/.pnpm"
    files = {
        **app({"dependencies": {"a": "1"}}),
        f"{store}/a@1/node_modules/a/package.json": '{"dependencies": {"b": "1"}}',
        f"{store}/a@1/node_modules/a/index.js": "",
        f"{store}/a@1/node_modules/b": Link("../../b@1/node_modules/b"),
        f"{store}/b@1/node_modules/b/package.json": "{}",
        f"{store}/b@1/node_modules/b/index.js": "",
        f"{store}/z@1/node_modules/z/package.json": "{}",
        f"{store}/z@1/node_modules/z/index.js": "",
        "/app/node_modules/a": Link(".pnpm/a@1/node_modules/a"),
        "/app/node_modules/z": Link(".pnpm/z@1/node_modules/z"),
    }
    plan = plan_for(Case(files, RUN, (), run=APP))
    stay = (
        "/app/node_modules/a",
        f"{store}/a@1/node_modules/b",
        f"{store}/b@1/node_modules/b/index.js",
    )
    go = ("/app/node_modules/z", f"{store}/z@1/node_modules/z/index.js")
    assert all(ImagePath(path) in plan.keep for path in stay)
    assert all(ImagePath(path) in plan.remove for path in go)


def test_the_nested_version_is_taken_and_workspaces_state_dependencies_too() -> None:
    files = {
        **app({"workspaces": ["packages/*"]}, a={"dependencies": {"b": "2"}}, b={}),
        "/app/node_modules/a/node_modules/b/package.json": "{}",
        "/app/node_modules/a/node_modules/b/index.js": "",
        "/app/packages/one/package.json": '{"dependencies": {"a": "1"}}',
        "/app/node_modules/one": Link("../packages/one"),
    }
    assert kept_of(Case(files, RUN, (), run=APP)) == {"a", "a/node_modules/b"}
    assert ImagePath("/app/node_modules/one") in plan_for(Case(files, RUN, (), run=APP)).keep


def test_globally_installed_packages_stay_apart() -> None:
    lib = "/usr/local/lib/node_modules"
    files = {
        **NODE,
        f"{lib}/pm/package.json": "{}",
        f"{lib}/pm/cli.js": Exec(b"#!/usr/bin/env node\n"),
        f"{lib}/pm/node_modules/x/package.json": "{}",
        f"{lib}/pm/node_modules/x/index.js": "",
        f"{lib}/npm/package.json": "{}",
        f"{lib}/npm/index.js": "",
        "/usr/local/bin/pm": Link("../lib/node_modules/pm/cli.js"),
        "/usr/local/bin/npm": Link("../lib/node_modules/npm/index.js"),
    }
    files[f"{lib}/pm/package.json"] = '{"bundleDependencies": ["x"]}'
    plan = plan_for(
        Case(
            files,
            {"/usr/local/bin/node": Use.EXECUTED, f"{lib}/pm/cli.js": Use.EXECUTED},
            (),
            run={"Cmd": ["pm"], "WorkingDir": "/"},
        )
    )
    assert ImagePath(f"{lib}/pm/node_modules/x/index.js") in plan.keep
    assert ImagePath(f"{lib}/npm/index.js") in plan.remove


@pytest.mark.parametrize(
    "manifest",
    [
        "{}",
        "no JSON",
        "[" * 5000,
        '{"name": "bundle"}',
        '{"dependencies": 5, "scripts": [1], "workspaces": {"a": []}} x',
    ],
)
def test_where_no_manifest_states_dependencies_all_packages_stay(manifest: str) -> None:
    files = {**app({}, a={}, b={}), "/app/package.json": manifest}
    assert kept_of(Case(files, RUN, (), run=APP)) == {"a", "b"}


def test_where_no_node_ran_all_packages_stay() -> None:
    files = {**app({"devDependencies": {"bootstrap": "5"}}, bootstrap={}), "/usr/sbin/nginx": elf()}
    assert kept_of(
        Case(files, {"/usr/sbin/nginx": Use.EXECUTED}, (), run={"WorkingDir": "/app"})
    ) == {"bootstrap"}


def test_hostile_manifests_and_links_end() -> None:
    files = {
        **app(
            {"dependencies": {"a": "1", "../../etc": "1", ".": "1", "x" * 5000: "1"}},
            a={"dependencies": {"b": "1"}},
            b={"dependencies": {"a": "1"}},
        ),
        "/app/node_modules/loop": Link("loop"),
        "/app/node_modules/up": Link("../.."),
        "/app/node_modules/b/node_modules": Link("../../node_modules"),
        "/etc/package.json": "{}",
    }
    assert kept_of(Case(files, RUN, (), run=APP)) == {"a", "b"}


def test_why_names_the_chain() -> None:
    plan = plan_for(
        Case(
            app({"dependencies": {"a": "1"}}, a={"dependencies": {"b": "1"}}, b={}),
            RUN,
            (),
            run=APP,
        )
    )
    reason = plan.keep[ImagePath("/app/node_modules/b/index.js")]
    assert (reason.code, reason.detail, reason.because) == (
        "node-dependency",
        "b, which a depends on",
        "/app/node_modules/a/package.json",
    )


def test_names_in_sources() -> None:
    source = (
        b"require('a/b'); import x from \"@s/c\"; await import(`d`); export * from'e';"
        b" loadPackage('@n/f', 'T'); require.resolve('g')"
    )
    source += b"; require('./own'); use('h')"
    assert called(source) == {"a", "@s/c", "d", "e", "@n/f", "g"}
    assert "h" in quoted(source)
    assert called(b"load" * 500_000) == frozenset()


def test_what_a_manifest_states() -> None:
    stated = needs(
        b'{"dependencies": {"a": "1", "a/b": "1"}, "bundledDependencies": ["c", 5], "scripts":'
        b' {"start": "x -r y", "build": "tsc"}}',
        "/x",
    )
    assert stated.packages == ("a", "c")
    assert {"x", "y"} <= set(stated.commands)
    assert "tsc" not in stated.commands
    assert stated.states


def test_files_of_development() -> None:
    assert all(
        is_of_development(path)
        for path in (
            "/app/package.json",
            "/app/.eslintrc.json",
            "/app/tests/a.js",
            "/app/vite.config.ts",
            "/app/pnpm-lock.yaml",
        )
    )
    assert not any(
        is_of_development(path)
        for path in ("/app/next.config.js", "/app/latest.js", "/app/config/app.json")
    )


@pytest.mark.parametrize(("owned", "stays"), [(False, True), (True, False)])
def test_a_script_on_path_that_no_package_brought_stays_with_what_it_names(
    *, owned: bool, stays: bool
) -> None:
    files: Files = {
        "/usr/local/bin/backup": Exec(b"#!/bin/sh\npack /data\n"),
        "/usr/bin/pack": elf(),
        "/bin/x": elf(),
        "/usr/local/bin/tool": elf(),
        "/bin/sh": elf(),
    }
    packages = (package(Ecosystem.DEB, "backup", ("/usr/local/bin/backup",)),) if owned else ()
    keep = plan_for(Case(files, {"/bin/x": Use.EXECUTED}, (), packages=packages)).keep
    assert (ImagePath("/usr/local/bin/backup") in keep, ImagePath("/usr/bin/pack") in keep) == (
        stays,
        stays,
    )


@pytest.mark.parametrize(
    ("path", "stays"),
    [
        ("/usr/local/bin/probe", True),
        ("/usr/bin/probe", True),
        ("/usr/sbin/probe", False),  # no package has a command there
        ("/usr/local/bin/node", False),
        ("/usr/local/bin/uv", False),
        ("/opt/tool/bin/probe", False),
    ],
)
def test_a_small_program_on_path_that_no_package_brought_stays(path: str, *, stays: bool) -> None:
    files: Files = {path: elf(), "/bin/x": elf(), "/usr/bin/cut": elf()}
    packages = (package(Ecosystem.DEB, "coreutils", ("/usr/bin/cut",)),)
    run = {"Env": [f"PATH={parent(ImagePath(path))}"]}
    case = Case(files, {"/bin/x": Use.EXECUTED}, (), packages=packages, run=run)
    keep = plan_for(case, rules=load_rules()).keep
    assert (ImagePath(path) in keep) == stays


@pytest.mark.parametrize(
    "kind", ["large", "owned", "setuid", "a link elsewhere", "one of many names"]
)
def test_other_programs_on_path_do_not_stay_for_that(kind: str) -> None:
    path = "/usr/local/bin/probe"
    program = elf(text=bytes(MAX_PROGRAM)) if kind == "large" else elf()
    files: Files = {path: program, "/bin/x": elf()}
    if kind == "setuid":
        files = {**files, path: SetId(program)}
    if kind == "a link elsewhere":
        files = {**files, path: Link("/opt/tool/probe"), "/opt/tool/probe": elf()}
    if kind == "one of many names":
        files = {**files, **{f"/usr/local/bin/also{n}": Link(path) for n in range(5)}}
    packages = (package(Ecosystem.DEB, "probe", (path,)),) if kind == "owned" else ()
    keep = plan_for(Case(files, {"/bin/x": Use.EXECUTED}, (), packages=packages)).keep
    assert ImagePath(path) not in keep


def test_a_link_into_a_package_that_is_kept_stays_in_a_tree_that_is_found_later() -> None:
    links: Files = {
        f"/opt/late/node_modules/of-{name}": Link(f"/app/node_modules/{name}/styles")
        for name in "ab"
    }
    files: Files = {
        **app({"dependencies": {"a": "1"}}, a={}, b={}),
        **{f"/app/node_modules/{name}/styles/x.css": "" for name in "ab"},
        **links,
        "/opt/late/start.js": "",
    }
    read = ("/app/node_modules/a/index.js", "/opt/late/start.js")
    used = {**RUN, **dict.fromkeys(read, Use.OPENED)}
    keep = plan_for(Case(files, used, (), run=APP)).keep
    assert [ImagePath(path) in keep for path in links] == [True, False]
