"""What a failing run says and looks for, and which removed paths that may mean."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from careen.model.paths import ImagePath
from careen.model.repair import Flaky
from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.trace import Phase, SensorInfo, SensorKind, Touch, Trace, Use
from careen.model.runs.vain import FailedLookup
from careen.model.runs.workload import TestCommand, TestPlace, TestResult, WorkloadResult
from careen.model.verdict import Verdict
from careen.repair.attribution import Heard, attribute, failing_names, workload_output
from careen.repair.mentions import MAX_MENTIONS, mentions
from careen.repair.removed import Removed
from careen.repair.suspect import Strength
from tests.support.jars import jar
from tests.support.trees import Exec, Link, tree

pytestmark = pytest.mark.slow

SITE = "/usr/lib/python3.11/site-packages"
FILES: Mapping[str, bytes | str | Link | None] = {
    f"{SITE}/acme/__init__.py": "",
    f"{SITE}/acme/core.py": "",
    f"{SITE}/acme/_fast.cpython-311-x86_64-linux-gnu.so": "",
    f"{SITE}/acme/data/table.csv": "",
    f"{SITE}/acme-2.0.dist-info/METADATA": "",
    f"{SITE}/acme-2.0.dist-info/entry_points.txt": "",
    f"{SITE}/other/core.py": "",
    f"{SITE}/mod/lone.py": "",
    f"{SITE}/mod/__pycache__/lone.cpython-311.pyc": "",
    "/usr/lib/python3.11/encodings/cp1252.py": "",
    "/usr/lib/libmagic.so.1": Link("libmagic.so.1.0.0"),
    "/usr/lib/libmagic.so.1.0.0": "",
    "/usr/bin/convert": Exec(b"#!/bin/sh\n"),
    "/usr/share/bash-completion/completions/convert": "",
    "/usr/share/zoneinfo/Asia/Kolkata": "",
    "/usr/share/i18n/locale/de_DE.utf8/LC_TIME": "",
    "/usr/share/perl5/JSON/PP.pm": "",
    "/usr/lib/ruby/set/sorted.rb": "",
    "/app/node_modules/left/package.json": "{}",
    "/app/node_modules/left/index.js": "",
    "/app/node_modules/left/lib/a.js": "",
    "/app/node_modules/left/node_modules/deep/package.json": "{}",
    "/app/lib/helper.js": "",
    "/app/templates/page.html": "",
    "/app/templates/mail/page.html": "",
    "/app/config/model.json": "",
    "/app/main.jar": jar({"com/acme/Main.class": b""}),
    "/app/lib/codec.jar": jar({"org/x/Codec.class": b""}),
    "/app/classes/org/y/Loose.class": "",
    "/kept/model.json": "",
}


@pytest.fixture(scope="module")
def removed() -> Removed:
    rootfs = tree(FILES)
    kept = {
        ImagePath(path)
        for path in (
            "/kept",
            "/kept/model.json",
            "/app/main.jar",
            "/usr",
            "/usr/lib",
            f"{SITE}/mod/lone.py",
            "/app",
            "/app/lib",
        )
    }
    return Removed(
        rootfs, (entry.path for entry in rootfs if entry.path not in kept and not entry.is_dir)
    )


def meant(removed: Removed, text: str) -> set[str]:
    return {path for mention in mentions([text]) for path in removed.meant(mention)}


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("ModuleNotFoundError: No module named 'acme.core'", {f"{SITE}/acme/__init__.py", f"{SITE}/acme/core.py"}),
        (
            "ModuleNotFoundError: No module named 'acme'",
            {f"{SITE}/acme/__init__.py", f"{SITE}/acme/core.py", f"{SITE}/acme/_fast.cpython-311-x86_64-linux-gnu.so"},
        ),
        ("/usr/bin/python3: No module named acme.core", {f"{SITE}/acme/__init__.py", f"{SITE}/acme/core.py"}),
        (
            "ImportError: cannot import name '_fast' from 'acme' (/x/acme/__init__.py)",
            {f"{SITE}/acme/__init__.py", f"{SITE}/acme/_fast.cpython-311-x86_64-linux-gnu.so"},
        ),
        ('{"detail": "No module named \\u0027other.core\\u0027"}', {f"{SITE}/other/core.py"}),
        ('{"error":"Traceback…\\nModuleNotFoundError: No module named \'other.core\'\\n"}', {f"{SITE}/other/core.py"}),
        ("<p>No module named &#39;other.core&#39;</p>", {f"{SITE}/other/core.py"}),
        (
            "importlib.metadata.PackageNotFoundError: No package metadata was found for acme",
            {f"{SITE}/acme-2.0.dist-info/METADATA", f"{SITE}/acme-2.0.dist-info/entry_points.txt"},
        ),
        ("LookupError: unknown encoding: cp1252", {"/usr/lib/python3.11/encodings/cp1252.py"}),
        ("ImportError: libmagic.so.1: cannot open shared object file: No such file or directory", {"/usr/lib/libmagic.so.1"}),
        ("Error loading shared library libmagic.so.1: No such file or directory (needed by /x)", {"/usr/lib/libmagic.so.1"}),
        ("OSError: Could not load dynamic library 'libmagic.so.1'; dlerror: …", {"/usr/lib/libmagic.so.1"}),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/app/config/model.json'", {"/app/config/model.json"}),
        ("cat: /app/config/model.json: No such file or directory", {"/app/config/model.json"}),
        ("open /app/config/model.json: no such file or directory", {"/app/config/model.json"}),
        ("Error: ENOENT: no such file or directory, open 'config/model.json'", {"/app/config/model.json"}),
        ("cat: can't open \u2018/app/config/model.json\u2019: No such file", {"/app/config/model.json"}),
        ("sh: 1: convert: not found", {"/usr/bin/convert"}),
        ("/bin/sh: convert: not found", {"/usr/bin/convert"}),
        ("/usr/local/bin/backup.sh: 5: convert: not found", {"/usr/bin/convert"}),
        ("backup: line 12: convert: command not found", {"/usr/bin/convert"}),
        ("bash: line 3: convert: command not found", {"/usr/bin/convert"}),
        ('exec: "convert": executable file not found in $PATH: unknown', {"/usr/bin/convert"}),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'convert'", {"/usr/bin/convert"}),
        ("Error: spawn convert ENOENT", {"/usr/bin/convert"}),
        ("env: 'convert': No such file or directory", {"/usr/bin/convert"}),
        ("zoneinfo.ZoneInfoNotFoundError: 'No time zone found with key Asia/Kolkata'", {"/usr/share/zoneinfo/Asia/Kolkata"}),
        ("Can't locate JSON/PP.pm in @INC (you may need to install the JSON::PP module)", {"/usr/share/perl5/JSON/PP.pm"}),
        ("cannot load such file -- set/sorted (LoadError)", {"/usr/lib/ruby/set/sorted.rb"}),
        ("Error: Cannot find module 'left'", {"/app/node_modules/left/package.json", "/app/node_modules/left/index.js", "/app/node_modules/left/lib/a.js"}),
        ("Error: Cannot find module './lib/helper'", {"/app/lib/helper.js"}),
        ("java.lang.NoClassDefFoundError: org/x/Codec", {"/app/lib/codec.jar"}),
        ("java.lang.ClassNotFoundException: org.x.Codec", {"/app/lib/codec.jar"}),
        ("java.lang.ClassNotFoundException: org.y.Loose", {"/app/classes/org/y/Loose.class"}),
        ("jinja2.exceptions.TemplateNotFound: page.html", {"/app/templates/page.html", "/app/templates/mail/page.html"}),
        ('open() "/app/templates/page.html" failed (2: No such file or directory)', {"/app/templates/page.html"}),
        ("No module named 'acme.nothing'", {f"{SITE}/acme/__init__.py"}),
        ("No module named 'kept'", set()),
        ("No module named '_fast'", set()),  # acme's is imported as acme._fast
        ("FileNotFoundError: '/kept/model.json'", set()),
        ("GET /app/templates/page.html 200", set()),
        ("http://example.org/app/config/model.json not found", set()),
        ("all is well", set()),
    ],
)  # fmt: skip
def test_what_messages_mean(removed: Removed, text: str, paths: set[str]) -> None:
    assert meant(removed, text) == paths


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (
            "AttributeError: module 'pool.link' has no attribute 'Pipe'",
            [],
        ),  # it has none on the original either
        ("No module named 'pool.link'", []),
        (
            "No module named 'pool.rare'",
            ["/usr/lib/python3.13/pool/__init__.py", "/usr/lib/python3.13/pool/rare.py"],
        ),
        ("No module named 'gone'", ["/usr/lib/python3.13/gone.py"]),
    ],
)
def test_a_python_that_is_removed_is_not_asked_for_what_another_has(
    text: str, paths: list[str]
) -> None:
    here, there = "/usr/local/lib/python3.11/pool", "/usr/lib/python3.13/pool"
    files = [
        f"{here}/__init__.py",
        f"{here}/link.py",
        f"{there}/__init__.py",
        f"{there}/link.py",
        f"{there}/rare.py",
        "/usr/lib/python3.13/gone.py",
    ]
    rootfs = tree(dict.fromkeys(files, ""))
    removed = Removed(rootfs, (entry.path for entry in rootfs if "3.13" in entry.path))
    assert (
        sorted(path for path in meant(removed, text) if not rootfs[ImagePath(path)].is_dir) == paths
    )


def test_messages_are_read_at_both_ends_only() -> None:
    body = "x\n" * 400_000
    text = (
        f"No module named 'first'\n{body}No module named 'middle'\n{body}No module named 'last'\n"
    )
    assert [mention.name for mention in mentions([text])] == ["first", "last"]


def test_a_flood_of_messages_is_bounded() -> None:
    text = "".join(f"No module named 'a{number}'\n" for number in range(20_000))
    assert len(mentions([text])) == MAX_MENTIONS


@pytest.mark.parametrize(
    "piece",
    [
        "'",
        '"',
        "\u2018",
        "(",
        "sh: ",
        "a/",
        "exec: ",
        "No module named ",
        "x: cannot open shared object file",
        "[" * 50,
        "&#39;",
    ],
)
def test_hostile_lines_take_no_more_than_their_length(piece: str) -> None:
    line = f"no such file or directory not found library load has no attribute {piece * 4000}"
    assert len(mentions([f"{line}\n" * 120])) <= MAX_MENTIONS


def test_a_message_is_shown_without_control_characters() -> None:
    (mention,) = mentions(["\x1b[31mNo module named 'a'\x1b[0m\x07"])
    assert mention.line == "[31mNo module named 'a' [0m"


def result(
    name: str = "serve", *, output: str = "", logs: str = "", passed: bool = False
) -> WorkloadResult:
    test = TestResult(
        TestCommand(TestPlace.HOST, "pytest"),
        passed,
        int(not passed),
        1.0,
        3,
        output,
        "" if passed else "the test failed",
    )
    return WorkloadResult(
        name, passed, "" if passed else "the test failed", "tests", (test,), 1.0, 2.0, logs, 0
    )


def vain(path: str, use: Use, executable: str = "/usr/bin/python3.11") -> FailedLookup:
    return FailedLookup(ImagePath(path), 2, executable, frozenset({Phase.SERVING}), use)


def trace(*touches: tuple[Use, str, int]) -> Trace:
    info = SensorInfo(SensorKind.EBPF, "6.8", "x86_64", (), frozenset(Use), {})
    made = tuple(
        Touch(use, given, "/", None, True, errno, frozenset({Phase.SERVING}), "/bin/sh")
        for use, given, errno in touches
    )
    return Trace(info, made, {}, ())


def test_evidence_is_ordered_and_each_path_comes_once(removed: Removed) -> None:
    verdict = Verdict(
        (result(passed=True),),
        (result(output="No module named 'other.core'\n"),),
        vain={
            "serve": (
                vain("/usr/bin/convert", Use.EXECUTED),
                vain("/app/config/model.json", Use.OPENED),
                vain(f"{SITE}/other/core.py", Use.LOOKED_UP),
            )
        },
    )
    found = attribute(verdict, removed, {"serve": workload_output(verdict.hardened[0], ())})
    assert [(suspect.path, suspect.how, suspect.strength) for suspect in found] == [
        (f"{SITE}/other/core.py", "said", Strength.STRONG),
        ("/app/config/model.json", "opened", Strength.STRONG),
        ("/usr/bin/convert", "executed", Strength.STRONG),
    ]
    assert found[0].why == "said: No module named 'other.core'"
    assert found[2].why == "failed lookup: executed by /usr/bin/python3.11"


def test_what_programs_do_without_is_weak(removed: Removed) -> None:
    heard = {
        "serve": Heard(
            found=workload_output(None, [trace((Use.EXECUTED, "/opt/bin/convert", 0))]).found
        )
    }
    lookups = (
        vain("/usr/bin/convert", Use.EXECUTED, "/bin/sh"),  # found further along PATH
        vain(f"{SITE}/mod/__pycache__/lone.cpython-311.pyc", Use.OPENED),  # compiled again
        vain("/app/templates/page.html", Use.LOOKED_UP),
    )
    found = attribute(
        Verdict((result(passed=True),), (result(),), vain={"serve": lookups}), removed, heard
    )
    assert {suspect.path for suspect in found} == {lookup.path for lookup in lookups}
    assert {suspect.strength for suspect in found} == {Strength.WEAK}


def test_a_name_that_fits_many_files_is_weak(removed: Removed) -> None:
    found = attribute(
        Verdict((result(passed=True),), (result(logs="TemplateNotFound: page.html"),)),
        removed,
        {"serve": Heard(("TemplateNotFound: page.html",))},
    )
    assert [(suspect.path, suspect.strength) for suspect in found] == [
        ("/app/templates/mail/page.html", Strength.WEAK),
        ("/app/templates/page.html", Strength.WEAK),
    ]


def test_workloads_that_pass_are_not_heard(removed: Removed) -> None:
    verdict = Verdict(
        (result("a", passed=True), result("b", passed=True)),
        (result("a", passed=True, logs="No module named 'acme.core'"), result("b")),
        vain={"a": (vain("/usr/bin/convert", Use.EXECUTED),)},
    )
    heard = {each.workload: workload_output(each, ()) for each in verdict.hardened}
    assert failing_names(verdict, heard) == ("b",)
    assert attribute(verdict, removed, heard) == ()


def test_a_deviation_names_the_experiment_and_its_causes(removed: Removed) -> None:
    deviation = Deviation(
        "http-status",
        Weight.FAILURE,
        "explore:http: POST /embed: no body",
        "422",
        "500",
        (ImagePath("/app/config/model.json"),),
    )
    mild = Deviation(
        "memory",
        Weight.WARNING,
        "explore:signals",
        "1 MB",
        "2 MB",
        (ImagePath("/usr/bin/convert"),),
    )
    verdict = Verdict((result(passed=True),), (result(passed=True),), deviations=(deviation, mild))
    heard = {
        "serve": Heard(),
        "explore:http": Heard(("no such file: '/app/lib/helper.js'",)),
        "explore:signals": Heard(("No module named 'acme'",)),
    }
    assert failing_names(verdict, heard) == ("explore:http",)
    assert {suspect.path for suspect in attribute(verdict, removed, heard)} == {
        "/app/config/model.json",
        "/app/lib/helper.js",
    }


def test_an_experiment_that_was_not_made_fails_by_its_name(removed: Removed) -> None:
    lost = Deviation("readiness", Weight.FAILURE, "explore:read-only", "was tried", "was not tried")
    numbered = Deviation("exit-status", Weight.FAILURE, "explore:signals (2)", "0", "1")
    verdict = Verdict((), (), deviations=(lost, numbered))
    assert failing_names(
        verdict, ("serve", "explore:read-only", "explore:signals", "explore:http")
    ) == ("explore:read-only", "explore:signals")


def test_what_a_flaky_test_lacks_fails_nothing(removed: Removed) -> None:
    case = Deviation("case", Weight.FAILURE, "serve: pytest", "passed", "failed")
    verdict = Verdict((result(passed=True),), (result(),), deviations=(case,))
    assert failing_names(verdict, ("serve",)) == ("serve",)
    assert (
        failing_names(replace(verdict, flaky=(Flaky("serve", "pytest", 1, 2),)), ("serve",)) == ()
    )


def test_of_two_pythons_the_one_in_use_is_meant() -> None:
    rootfs = tree(
        {
            f"/usr/{where}/{name}.py": ""
            for where in ("lib/python3.13", "local/lib/python3.11")
            for name in ("os", "_pydecimal")
        }
    )
    gone = {
        entry.path
        for entry in rootfs
        if "3.13" in entry.path or entry.path.endswith("_pydecimal.py")
    }
    assert meant(Removed(rootfs, gone), "No module named '_pydecimal'") == {
        "/usr/local/lib/python3.11/_pydecimal.py"
    }
    everything = {entry.path for entry in rootfs if not entry.is_dir}
    assert len(meant(Removed(rootfs, everything), "No module named '_pydecimal'")) == 2
