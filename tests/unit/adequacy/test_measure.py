"""The whole of it on a made service: what its tests leave out, what hangs on that, and what a
person is told.
"""

import json
from dataclasses import replace

import pytest

from careen.adequacy.threshold import below, below_recorded, score_of
from careen.model.adequacy import Adequacy, Part, UnexercisedPackage
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import Run, RunKind
from careen.model.runs.completeness import UNWATCHED, completeness
from careen.model.runs.workload import RunOptions, TestPlace
from careen.pipeline.profiling.adequacy import measure_adequacy
from careen.pipeline.profiling.observe import Observation
from careen.pipeline.run.source import Examined
from careen.plan.decide import Policy, decide
from tests.support.adequacies import (
    BEGUN,
    REF,
    answer,
    cases,
    command,
    examined,
    exploration,
    explored,
    observation,
    profile,
    trace,
)
from tests.support.boms import RUN
from tests.support.plans import NO_RULES, Files, elf, package
from tests.support.trees import Exec, Link, tree

SITE = "/usr/lib/python3.11/site-packages"
MB = b"x" * 1_000_000
CONFIG = {
    "Entrypoint": ["/app/start.sh"],
    "Cmd": ["serve"],
    "WorkingDir": "/app",
    "Env": ["PATH=/usr/bin"],
    "ExposedPorts": {"8000/tcp": {}, "9090/tcp": {}},
    "Healthcheck": {"Test": ["CMD-SHELL", "MODE=quick exec probe --port 8000"]},
}
FILES: Files = {
    "/usr/bin/python3.11": elf(),
    "/usr/bin/probe": elf(),
    "/usr/lib/python3.11/os.py": "",
    "/usr/lib/python3.11/encodings/__init__.py": "",
    "/app/start.sh": Exec(b"#!/bin/sh\nexec python3.11 main.py\n"),
    "/app/migrate.sh": Exec(b"#!/bin/sh\nexec python3.11 tables.py\n"),
    "/app/main.py": "import torch\n",
    "/app/rerank.py": "import ranker\n",
    "/app/tests/test_main.py": "import pytest\n",
    "/app/static/page.js": "1",
    f"{SITE}/torch/__init__.py": "import lazy\n",
    f"{SITE}/torch/data.bin": MB,
    f"{SITE}/ranker/__init__.py": "",
    f"{SITE}/ranker/weights.bin": MB * 3,
    f"{SITE}/lazy/__init__.py": "",
    "/models/rerank.bin": MB * 2,
    "/models/other-user.txt": "12",
}
TORCH = package(
    Ecosystem.PYPI,
    "torch",
    (f"{SITE}/torch/__init__.py", f"{SITE}/torch/data.bin"),
    modules=("torch",),
)
RANKER = package(
    Ecosystem.PYPI,
    "ranker",
    (f"{SITE}/ranker/__init__.py", f"{SITE}/ranker/weights.bin"),
    modules=("ranker",),
)
LAZY = package(Ecosystem.PYPI, "lazy", (f"{SITE}/lazy/__init__.py",), modules=("lazy",))
IMAGE = examined(tree(FILES), (TORCH, RANKER, LAZY), CONFIG)
START: dict[str, float | None] = {
    "/app/start.sh": 1.0,
    "/app/main.py": 1.5,
    f"{SITE}/torch/__init__.py": 2.0,
}
SEEN = trace(START, ("/usr/bin/python3.11", "/app/start.sh"), (8000, 9090))
SERVE = observation(
    SEEN,
    command(cases(10)),
    exchanges=[("POST", "/embed", 200), ("GET", "/health", 200)],
    connections={8000: 12, 9090: 0},
)
OPERATIONS = ("GET /health", "POST /embed", "POST /rerank")
EXPLORED = explored(
    answer("POST /embed", 5000.0, identity="POST /embed: no body"),
    answer("POST /rerank", 5010.0),
    uses={"/app/main.py": 4000.0, "/models/rerank.bin": 5010.5, f"{SITE}/lazy/__init__.py": 5000.2},
)
OTHER = explored(
    uses={"/models/other-user.txt": 6000.0}, experiment="other-user", title="another user"
)


def plan_of(image: Examined, bom_of: tuple[object, ...] = (), level: Level = Level.CLOSURE) -> Plan:
    seen = profile(image, SERVE, explored=bom_of)  # type: ignore[arg-type]
    return decide(
        image.rootfs,
        image.inventory,
        seen.bom,
        image.image.config,
        Policy(level, (), (), NO_RULES, "a" * 64),
    )


def part(adequacy: Adequacy, name: str) -> Part:
    (found,) = (each for each in adequacy.parts if each.id == name)
    return found


def test_everything_is_measured_and_the_most_bytes_come_first() -> None:
    found = measure_adequacy(
        IMAGE, profile(IMAGE, SERVE), exploration(EXPLORED, OTHER, operations=OPERATIONS)
    )
    assert found.verdict == "the tests never call POST /rerank; it accounts for 2 MB"
    assert found.hanging == {"POST /rerank": 2_000_000, "/app/rerank.py": 14, "another user": 2}
    assert [(each.id, each.covered, each.total, each.missing) for each in found.parts] == [
        ("saturation", 5, 5, ()),
        ("operations", 2, 3, ("POST /rerank",)),
        ("application-modules", 1, 2, ("/app/rerank.py",)),
        ("ports", 1, 2, ("9090/tcp (no test connected)",)),
        ("entry-points", 1, 3, ("HEALTHCHECK /usr/bin/probe", "script /app/migrate.sh")),
    ]
    assert found.unseen == pytest.approx(0.450719728)
    assert (
        found.score == 0.5
    )  # of saturation .549, operations .667, modules .5; ports and entry points do not count
    assert found.idle == tuple(f"test{number}" for number in range(10))
    assert found.before == 4


def test_what_the_plan_keeps_because_of_it_hangs_on_it_too() -> None:
    plan = plan_of(IMAGE)
    assert plan.keep[ImagePath(f"{SITE}/ranker/weights.bin")].because == "/app/rerank.py"
    found = measure_adequacy(
        IMAGE, profile(IMAGE, SERVE), exploration(operations=("POST /embed",)), plan
    )
    assert found.hanging == {"/app/rerank.py": 3_000_014}
    assert found.verdict == "the tests never load /app/rerank.py; it accounts for 3 MB"


def test_what_a_package_in_use_brings_hangs_on_nothing_cold() -> None:
    """The plan names one reason for a path: that it is an unused file's does not mean that it would
    go without that file.
    """
    data, cold = ImagePath(f"{SITE}/torch/data.bin"), ImagePath("/app/rerank.py")
    keep = {
        cold: Reason("application", "in /app"),
        data: Reason("python-distribution", "torch", cold),
        ImagePath("/models/rerank.bin"): Reason("x", "", cold),
    }
    plan = Plan(REF, Level.CLOSURE, keep, {}, {}, "a" * 64)
    found = measure_adequacy(IMAGE, profile(IMAGE, SERVE), None, plan)
    assert found.hanging == {"/app/rerank.py": 2_000_014}


def test_where_all_is_covered_that_is_said_first_and_the_bound_after_it() -> None:
    loaded = trace({**START, "/app/rerank.py": 3.0}, ("/usr/bin/python3.11",), (8000,))
    full = observation(
        loaded, command(cases(10)), exchanges=[("POST", "/embed", 200)], connections={8000: 1}
    )
    found = measure_adequacy(IMAGE, profile(IMAGE, full), exploration(operations=("POST /embed",)))
    assert (
        found.verdict
        == "the tests cover 1 of 1 operations and 2 of 2 application modules; the last 5 tests used"
        " no new file: one more test like them uses a new file with a probability of up to 46 %"
    )
    assert found.score == pytest.approx(0.549280272)


def test_two_tests_that_cover_all_that_is_declared_show_little() -> None:
    loaded = trace({**START, "/app/rerank.py": 3.0}, ("/usr/bin/python3.11",), (8000,))
    full = observation(
        loaded, command(cases(2)), exchanges=[("POST", "/embed", 200)], connections={8000: 1}
    )
    found = measure_adequacy(IMAGE, profile(IMAGE, full), exploration(operations=("POST /embed",)))
    assert [
        part(found, name).share for name in ("saturation", "operations", "application-modules")
    ] == [None, 1, 1]
    assert found.score == pytest.approx(0.05**0.5)
    assert (
        found.verdict
        == "the tests cover 1 of 1 operations and 2 of 2 application modules; saturation is"
        " unknown: only 2 tests, of at least 5; so few show 22 % at most"
    )


def test_exploration_in_the_rbom_covers_nothing() -> None:
    tried = explored(
        answer("POST /rerank", 10.0),
        uses={"/app/rerank.py": 10.5, "/models/rerank.bin": 10.6},
        experiment="http",
    )
    with_it = measure_adequacy(
        IMAGE, profile(IMAGE, SERVE, explored=[tried]), exploration(tried, operations=OPERATIONS)
    )
    assert part(with_it, "application-modules").missing == ("/app/rerank.py",)
    assert with_it.hanging == {"POST /rerank": 2_000_014, "/app/rerank.py": 14}


def test_libraries_that_are_kept_and_were_never_run_are_counted() -> None:
    found = measure_adequacy(IMAGE, profile(IMAGE, SERVE), None, plan_of(IMAGE))
    assert found.unexercised == (
        UnexercisedPackage(RANKER.purl, 2, 3_000_000, whole=True),
        UnexercisedPackage(LAZY.purl, 1, 0, whole=True),
        UnexercisedPackage(TORCH.purl, 1, 1_000_000, whole=False),
    )
    assert (
        "kept although no workload ran it, 3 MB in total: pypi/ranker@1 (3 MB), pypi/lazy@1"
        " (0 B)" in found.advice
    )


def test_reading_the_record_of_a_package_is_no_use_of_it() -> None:
    record = ImagePath(f"{SITE}/ranker-1.dist-info/METADATA")
    recorded = replace(RANKER, files=(*RANKER.files, record), metadata=(record,))
    image = examined(tree({**FILES, record: "Name: ranker"}), (TORCH, recorded, LAZY), CONFIG)
    listed = replace(SERVE, trace=trace({**START, record: 3.0}, ("/usr/bin/python3.11",)))
    found = measure_adequacy(image, profile(image, listed), None, plan_of(image))
    assert found.unexercised[0] == UnexercisedPackage(RANKER.purl, 2, 3_000_000, whole=True)


def test_byte_code_stands_for_its_source() -> None:
    image = examined(
        tree({**FILES, "/app/__pycache__/rerank.cpython-311.pyc": "x"}), (TORCH,), CONFIG
    )
    seen = replace(
        SERVE,
        trace=trace(
            {**START, "/app/__pycache__/rerank.cpython-311.pyc": 3.0}, ("/usr/bin/python3.11",)
        ),
    )
    assert (
        part(measure_adequacy(image, profile(image, seen), None), "application-modules").share
        == 1.0
    )


def test_a_distribution_that_was_installed_from_a_directory_is_the_applications_own() -> None:
    info = f"{SITE}/shop-1.dist-info/direct_url.json"

    def shop(url: object) -> Examined:
        own = (
            f"{SITE}/shop/__init__.py",
            f"{SITE}/shop/cart.py",
            f"{SITE}/shop/tests/test_cart.py",
            "/usr/bin/shop-admin",
            info,
        )
        files = {
            **FILES,
            **dict.fromkeys(own, "x"),
            "/usr/bin/shop-admin": Exec(b"#!/usr/bin/python3.11\n"),
            info: json.dumps(url),
        }
        owned = Package(
            Ecosystem.PYPI,
            "shop",
            "1",
            "pkg:pypi/shop@1",
            ImagePath(info),
            tuple(ImagePath(path) for path in own),
            metadata=(ImagePath(info),),
        )
        return examined(tree(files), (TORCH, owned), CONFIG)

    image = shop({"url": "file:///src", "dir_info": {}})
    found = measure_adequacy(image, profile(image, SERVE), None)
    assert set(part(found, "application-modules").missing) == {
        f"{SITE}/shop/__init__.py",
        f"{SITE}/shop/cart.py",
        "/app/rerank.py",
    }
    assert "script /usr/bin/shop-admin" in part(found, "entry-points").missing
    others: tuple[object, ...] = ({"url": "https://x/y.whl", "archive_info": {}}, [], "[" * 300)
    for other in others:
        image = shop(other)
        assert part(
            measure_adequacy(image, profile(image, SERVE), None), "application-modules"
        ).missing == ("/app/rerank.py",)


def test_files_of_a_language_that_did_not_run_are_no_modules() -> None:
    image = examined(
        tree({**FILES, "/app/server.js": "x", "/app/lib/x.mjs": "x"}), (TORCH,), CONFIG
    )
    assert (
        part(measure_adequacy(image, profile(image, SERVE), None), "application-modules").total == 2
    )
    node = examined(
        tree(
            {
                **FILES,
                "/usr/bin/node": elf(),
                "/app/server.js": "x",
                "/app/lib/x.mjs": "x",
                "/app/node_modules/y/z.js": "x",
            }
        ),
        (TORCH,),
        CONFIG,
    )
    seen = replace(SERVE, trace=trace({"/app/server.js": 1.0}, ("/usr/bin/node",)))
    assert part(
        measure_adequacy(node, profile(node, seen), None), "application-modules"
    ).missing == ("/app/lib/x.mjs",)


@pytest.mark.parametrize(
    ("run", "missing"),
    [
        (
            {"Entrypoint": ["sh", "-c", "exec FOO=1 /app/migrate.sh && true"]},
            "ENTRYPOINT /app/migrate.sh",
        ),
        ({"Entrypoint": ["sh", "-c", "it's /app/migrate.sh"]}, "ENTRYPOINT /app/migrate.sh"),
        (
            {"Cmd": ["python3.11", "./rerank.py"], "WorkingDir": "/app", "Env": ["PATH=/usr/bin"]},
            "CMD /app/rerank.py",
        ),
        ({"Cmd": ["/link"]}, "CMD /app/migrate.sh"),
        ({"Healthcheck": {"Test": ["CMD", "/usr/bin/probe"]}}, "HEALTHCHECK /usr/bin/probe"),
    ],
)
def test_what_the_configuration_starts_is_found_behind_shells_and_links(
    run: dict[str, object], missing: str
) -> None:
    image = examined(tree({**FILES, "/link": Link("app/migrate.sh")}), (TORCH,), run)
    assert (
        part(measure_adequacy(image, profile(image, SERVE), None), "entry-points").missing[0]
        == missing
    )


def test_a_hostile_command_line_is_read_in_part() -> None:
    words = ["/app/start.sh", *["/app/\udcff\0"] * 150, *["/app/migrate.sh"] * 20_000]
    image = examined(
        tree(FILES),
        (TORCH,),
        {
            "Entrypoint": words,
            "Cmd": ["sh", "-c", "'" * 999_999],
            "Healthcheck": {"Test": ["CMD-SHELL"]},
        },
    )
    assert part(measure_adequacy(image, profile(image, SERVE), None), "entry-points").missing == (
        "ENTRYPOINT /app/migrate.sh",
    )


def test_a_healthcheck_that_is_disabled_is_none() -> None:
    image = examined(tree({"/x": ""}), (), {"Healthcheck": {"Test": ["NONE"]}})
    found = measure_adequacy(image, profile(image, replace(SERVE, trace=trace({"/x": 1.0}))), None)
    assert (part(found, "entry-points").share, part(found, "entry-points").why) == (
        None,
        "the image declares none",
    )


def test_without_exploration_and_without_tests_nothing_is_known_and_nothing_is_zero() -> None:
    image = examined(tree({"/x": ""}))
    found = measure_adequacy(image, profile(image, observation(trace({"/x": 1.0}))), None)
    assert [(each.share, each.covered) for each in found.parts] == [(None, None)] * 5
    assert (found.score, found.unseen, found.hanging) == (None, None, {})
    assert (
        found.verdict == "no test was run, so coverage is unknown: add tests with --test or --exec"
    )


def test_one_command_without_cases_is_said_to_be_so() -> None:
    image = examined(tree({"/x": ""}))
    found = measure_adequacy(
        image, profile(image, observation(trace({"/x": 1.0}), command())), None
    )
    assert (
        found.verdict
        == "saturation is unknown: one test command without known cases; write JUnit XML to"
        " $CAREEN_RESULTS to count test cases"
    )


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (
            observation(SEEN, command(cases(10)), connections=None),
            "the tests' requests were not observed",
        ),
        (
            observation(SEEN, command(cases(10), place=TestPlace.CONTAINER), connections={}),
            "requests of tests in the container are not counted",
        ),
        (
            observation(SEEN, command(cases(10)), connections={}),
            "no test sent a request to a published port",
        ),
        (
            replace(SERVE, workload=replace(SERVE.workload, run=RunOptions(ports=("18000:8000",)))),
            "requests to the chosen port 8000 are not counted",
        ),
        (
            observation(SEEN, command(cases(10)), connections={8000: 4}),
            "what went to port 8000 was no plain HTTP",
        ),
    ],
)
def test_requests_that_could_not_be_seen_leave_the_operations_unknown(
    seen: Observation, why: str
) -> None:
    explored = exploration(EXPLORED, operations=OPERATIONS)
    found = measure_adequacy(IMAGE, profile(IMAGE, seen), explored)
    assert (part(found, "operations").share, part(found, "operations").why) == (None, why)
    assert (
        "POST /rerank: valid" in found.hanging
    )  # not known to be cold, so it is one try among others
    assert f"unknown which of 3 operations the tests call: {why}" in (
        found.verdict,
        *found.advice,
    )


def test_another_port_that_speaks_something_else_hides_no_operation() -> None:
    both = replace(SERVE, result=replace(SERVE.result, connections={8000: 12, 9090: 2}))
    found = measure_adequacy(IMAGE, profile(IMAGE, both), exploration(operations=OPERATIONS))
    assert (part(found, "operations").covered, part(found, "operations").total) == (2, 3)


def test_a_port_that_nobody_looks_on_at_is_not_held_against_the_tests() -> None:
    chosen = replace(SERVE, workload=replace(SERVE.workload, run=RunOptions(ports=("19090:9090",))))
    assert part(measure_adequacy(IMAGE, profile(IMAGE, chosen), None), "ports").share == 1.0


def test_imports_of_exploration_hang_on_the_module() -> None:
    one, two = (
        answer("", 50.0, kind="import", identity="import lazy"),
        answer("", 60.0, kind="import", identity="import lazy.more"),
    )
    swept = explored(
        one, two, uses={f"{SITE}/ranker/weights.bin": 50.5}, experiment="imports", title="imports"
    )
    found = measure_adequacy(IMAGE, profile(IMAGE, SERVE), exploration(swept))
    assert found.hanging["lazy"] == 3_000_000
    assert (
        "no test needs the module lazy, which exploration imported; it accounts for 3 MB"
        in found.advice
    )
    more = explored(
        one,
        two,
        uses={f"{SITE}/ranker/weights.bin": 50.5, f"{SITE}/torch/data.bin": 60.5},
        experiment="imports",
        title="imports",
    )
    advice = measure_adequacy(IMAGE, profile(IMAGE, SERVE), exploration(more)).advice
    assert (
        "no test needs 2 modules that exploration imported; they account for 4 MB: lazy (3 MB),"
        " lazy.more (1 MB)" in advice
    )


def test_a_try_that_was_made_before_is_not_what_is_new_under_a_condition() -> None:
    first = explored(answer("POST /embed", 10.0, identity="POST /embed: plain"), uses={})
    other = explored(
        answer("POST /embed", 20.0, identity="POST /embed: plain"),
        uses={"/models/other-user.txt": 20.5},
        title="another user",
    )
    assert (
        measure_adequacy(
            IMAGE, profile(IMAGE, SERVE), exploration(first, other, operations=OPERATIONS)
        ).hanging["another user"]
        == 2
    )
    alone = measure_adequacy(
        IMAGE, profile(IMAGE, SERVE), exploration(other, operations=OPERATIONS)
    )
    assert alone.hanging["POST /embed: plain"] == 2


def test_circumstances_come_after_the_tests_that_are_missing() -> None:
    other = explored(
        uses={"/models/rerank.bin": 1.0, f"{SITE}/ranker/weights.bin": 2.0}, title="another user"
    )
    found = measure_adequacy(
        IMAGE, profile(IMAGE, SERVE), exploration(other, operations=OPERATIONS)
    )
    assert found.verdict == "the tests never call 1 of 3 operations: POST /rerank"
    assert "no test runs under the condition another user; it accounts for 5 MB" in found.advice


def test_hostile_names_reach_nobody_raw() -> None:
    evil = "POST /\x1b]0;owned\x07\u202egnp.exe\udcff" + "x" * 500
    tried = explored(answer(evil, 10.0), uses={"/models/rerank.bin": 10.5})
    found = measure_adequacy(IMAGE, profile(IMAGE, SERVE), exploration(tried, operations=[evil]))
    assert (
        found.verdict
        == f"the tests never call POST /\\x1b]0;owned\\x07\\u202egnp.exe\\udcff{'x' * 36}...; it"
        " accounts for 2 MB"
    )
    assert all(text.isprintable() and len(text) < 500 for text in (found.verdict, *found.advice))


def test_a_profile_is_below_what_is_asked_for_with_a_reason() -> None:
    adequacy = Adequacy(0.799, "the tests never call POST /rerank; it accounts for 214 MB", ())
    assert below(adequacy, 0.7) is None
    assert below(adequacy, 0.799) is None
    assert (
        below(adequacy, 0.8)
        == "the profile's adequacy is 79 %, but at least 80 % is required: the tests never call"
        " POST /rerank; it accounts for 214 MB"
    )
    unknown = below(replace(adequacy, score=None, verdict="no test was run"), 0.0)
    assert (
        unknown
        == "the profile's adequacy is not known, but at least 0 % is required: no test was run"
    )


def test_an_rbom_is_as_adequate_as_its_weakest_workload() -> None:
    def runs(*scores: float | None) -> tuple[Run, ...]:
        return tuple(
            replace(RUN, workload=f"w{number}", adequacy=score)
            for number, score in enumerate(scores)
        )

    bom = profile(IMAGE, SERVE).bom
    tried = replace(RUN, workload="explore:http", kind=RunKind.EXPLORATION)
    assert score_of(replace(bom, runs=(*runs(0.9, 0.6), tried))) == 0.6
    assert score_of(replace(bom, runs=runs(0.9, None))) is None
    assert score_of(replace(bom, runs=(tried,))) is None
    assert below_recorded(replace(bom, runs=runs(0.6)), 0.6) is None
    assert "adequacy is 60 %, but at least 61 %" in str(
        below_recorded(replace(bom, runs=runs(0.6)), 0.61)
    )
    assert "has no adequacy" in str(below_recorded(bom, 0.1))


def test_a_chain_of_reasons_in_a_circle_ends() -> None:
    one, two = ImagePath("/app/rerank.py"), ImagePath("/models/rerank.bin")
    plan = Plan(
        REF,
        Level.CLOSURE,
        {
            two: Reason("x", "", ImagePath("/z")),
            ImagePath("/z"): Reason("x", "", two),
            one: Reason("y", ""),
        },
        {},
        {},
        "a" * 64,
    )
    assert measure_adequacy(IMAGE, profile(IMAGE, SERVE), None, plan).hanging == {
        "/app/rerank.py": 14
    }


def gap_of(losses: dict[str, int]) -> Adequacy:
    """Measure a run of which something was not seen, with tests that would saturate."""
    sensor = replace(SERVE.trace.sensor, losses=losses)
    seen = profile(IMAGE, replace(SERVE, trace=replace(SERVE.trace, sensor=sensor)))
    bom = replace(seen.bom, runs=tuple(replace(run, sensor=sensor) for run in seen.bom.runs))
    return measure_adequacy(IMAGE, replace(seen, bom=bom), None)


@pytest.mark.parametrize("losses", [{"ring_full": 351_037}, {UNWATCHED: 1}])
def test_what_was_not_watched_scores_nothing_and_the_reason_is_said(losses: dict[str, int]) -> None:
    whole = gap_of({"ring_full": 0})
    assert whole.score is not None
    assert whole.steps
    found = gap_of(losses)
    reason = completeness([losses]).sentence()
    assert (found.score, found.steps, found.unseen) == (None, (), None)
    assert found.verdict == f"the profile is incomplete: {reason}"
    (part,) = [part for part in found.parts if part.id == "saturation"]
    assert (part.share, part.why) == (None, reason)
    said = below(found, 0.01)
    assert said is not None
    assert said.startswith("the profile's adequacy is not known")


def test_files_of_containers_that_the_tests_started_are_on_the_curve() -> None:
    late = trace({f"{SITE}/lazy/__init__.py": BEGUN + 95}, (), ())
    alone, with_others = (
        measure_adequacy(IMAGE, profile(IMAGE, replace(SERVE, others=others)), None)
        for others in ((), (late,))
    )
    assert [step.new_files for step in with_others.steps][-1] == 1
    assert [step.new_files for step in alone.steps][-1] == 0
