"""A first careen.toml: what is read of Dockerfiles, READMEs and directories, and that what is
written is a careen.toml.
"""

import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from careen.errors import InputError
from careen.model.runs.workload import ReadyExit
from careen.workload.configuration.project import load_config
from careen.workload.proposal.compose import chosen_services, compose_settings, service_facts
from careen.workload.proposal.dockerfile import read_dockerfile
from careen.workload.proposal.env_example import unset_names
from careen.workload.proposal.facts import Facts
from careen.workload.proposal.found_tests import FoundTest, find_tests
from careen.workload.proposal.names import hardened, workload_name
from careen.workload.proposal.readme import curl_lines
from careen.workload.proposal.settings import Setting, workload_settings
from careen.workload.proposal.toml_text import toml_text

DOCKERFILE = r"""
ARG PORT=8000
FROM python:3 AS base
ENV OPENAI_API_KEY="" \
    # a comment between
    MODE=x
EXPOSE $PORT
USER app
FROM scratch AS other
EXPOSE 1
FROM base
RUN <<EOF
EXPOSE 2
EOF
ARG TOKEN
EXPOSE 9100/tcp 53/udp 7000-7002
HEALTHCHECK --interval=5s CMD curl -f localhost:8000
VOLUME ["/data", "/cache"]
ENTRYPOINT ["serve"]
"""
README = """
Ask it:

```sh
$ curl -X POST localhost:8000/items \\
    -d '{"a": 1}'
curl -s "http://127.0.0.1:8000/a b?x=1"
curl http://localhost:8000/x | sh
curl -o /etc/passwd http://localhost:8000/x
curl -H "Authorization: $TOKEN" http://localhost:8000/x
curl http://localhost:8000/`id`
curl http://localhost:9/x
curl https://example.com/x
```
curl http://localhost:8000/outside-a-block
"""


def test_a_dockerfile_says_what_its_last_stage_has_from_those_before() -> None:
    found = read_dockerfile(DOCKERFILE, "Dockerfile")
    assert found.ports == (8000, 9100, 7000, 7001, 7002)
    assert found.health == "curl -f localhost:8000"
    assert (found.user, found.volumes) == ("app", ("/data", "/cache"))
    assert found.asked == ("OPENAI_API_KEY",)
    assert found.is_service


@pytest.mark.parametrize("text", ["", "# nothing", "EXPOSE 80\nCMD x"])
def test_a_text_without_a_stage_is_no_dockerfile(text: str) -> None:
    with pytest.raises(InputError, match="has no FROM"):
        read_dockerfile(text, "x")


@given(st.text())
def test_any_text_is_read_as_a_dockerfile_or_refused(text: str) -> None:
    read_dockerfile(f"FROM x\n{text}", "x")


def test_the_curl_lines_of_a_readme_become_tests_and_no_other_command() -> None:
    found = curl_lines(README)
    assert [line.command for line in found if not line.trouble] == [
        """curl -fsS -X POST "$BASE_URL"/items -d '{"a": 1}'""",
        """curl -fsS -s "$BASE_URL"'/a b?x=1'""",
        """curl -fsS "$BASE_URL"/x""",
    ]
    assert [line.trouble.split(":")[0] for line in found if line.trouble] == [
        "is more than one command",
        "has the option -o, which careen does not pass on",
        "has a placeholder or a variable",
        "has a placeholder or a variable",
    ]


@pytest.mark.parametrize(
    "words",
    [
        "-d @/etc/hostname http://localhost:8000/x",
        "--data-urlencode name@/etc/hostname http://localhost:8000/x",
        "--json @x http://localhost:8000/x",
        "-H@/etc/hostname http://localhost:8000/x",
        "-H @x http://localhost:8000/x",
        "http://localhost:8000/ http://other.example/c",
        "-H 'X: localhost:8000' http://other.example/c",
        "--url http://other.example/ http://localhost:8000/",
        "http://localhost:8000/ file:///etc/hostname",
        "http://other.example/?http://localhost:8000/",
    ],
)
def test_a_line_that_sends_a_file_or_asks_another_host_is_no_test(words: str) -> None:
    (line,) = curl_lines(f"```\ncurl {words}\n```\n")
    assert line.trouble


def test_values_that_double_take_no_time() -> None:
    text = "FROM a\nENV A=aa\n" + "ENV A=$A$A\n" * 64 + "USER $A\n"
    assert len(read_dockerfile(text, "Dockerfile").user) <= 1 << 13


def test_an_argument_of_the_build_is_no_variable_of_the_container() -> None:
    found = read_dockerfile("FROM a\nARG TOKEN\nENV KEY=\n", "Dockerfile")
    assert found.asked == ("KEY",)


@given(st.text(alphabet="curl htp:/ocas8000$`|;&<>()'\"\\\n-oX{}", max_size=80))
def test_no_line_of_a_readme_starts_another_command(text: str) -> None:
    """What is used has no character with which a shell would begin one, outside quotes."""
    for line in curl_lines(f"```\ncurl localhost:8000/ {text}\n```\n"):
        if not line.trouble:
            plain = line.command.replace('"$BASE_URL"', "")
            outside = "".join(plain.split("'")[::2])
            assert not set("$`|;&<>()\n") & set(outside), line


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a test of each kind; every tool is there."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    files = {
        "tests/smoke/test_api.py": "import os; os.environ['BASE_URL']",
        "tests/test_unit.py": "assert 1",
        "package.json": '{"scripts": {"test": "vitest run"}}',
        "web/api.spec.ts": "fetch(`${process.env.BASE_URL}/x`)",
        "pkg/api_test.go": 'http.Get("http://localhost:8000/x")',
        "node_modules/x/test_no.py": "BASE_URL",
        "README.md": "```\ncurl localhost:8000/health\n```\n",
        ".env.example": "# comment\nAPI_KEY=\nexport OTHER=''\nMODE=prod\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_the_tests_that_ask_the_service_are_found(project: Path) -> None:
    found = {test.command: test for test in find_tests(project, (8000,))}
    assert [command for command, test in found.items() if not test.trouble] == [
        "go test -v -count=1 ./pkg",
        "pytest -q tests/smoke",
        "npm test",
        'curl -fsS "$BASE_URL"/health',
    ]
    assert found["go test -v -count=1 ./pkg"].fixed == 8000
    assert unset_names(project) == ("API_KEY", "OTHER")


def test_tests_that_ask_no_service_are_named_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "test_unit.py").write_text("assert 1", encoding="utf-8")
    (only,) = find_tests(tmp_path, (8000,))
    assert only.trouble.startswith("names neither BASE_URL nor a port of the service")


def test_a_missing_tool_and_a_missing_script_are_said(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    (project / "package.json").write_text("[", encoding="utf-8")
    troubles = [test.trouble for test in find_tests(project, (8000,))]
    assert troubles == [
        "go is not on PATH here: install it",
        "pytest is not on PATH here: install it",
        "package.json has no test script",
        "curl is not on PATH here: install it",
    ]


SERVICE = Facts("my/app:1", (8000, 9000), "", "app", ("/data",), ("AWS_SECRET",), ("API_KEY",))
KINDS = [
    SERVICE,
    Facts("my/app:1", (8000,), "curl localhost"),
    Facts("job", command="run all"),
    Facts("worker", is_worker=True),
]
TESTS = [
    (),
    (FoundTest("pytest -q", "tests"), FoundTest("go test", "x_test.go", trouble="is no test")),
    (FoundTest("sh a.sh", "a.sh", 8000),),
]


@pytest.mark.parametrize("facts", KINDS)
@pytest.mark.parametrize("tests", TESTS)
def test_what_is_written_is_a_careen_toml(
    tmp_path: Path, facts: Facts, tests: Sequence[FoundTest]
) -> None:
    """It has what a run needs: a test, a time of observation, or an exit status."""
    path = tmp_path / "careen.toml"
    settings = workload_settings(facts, tests)
    path.write_text(toml_text("head", (), {"one": settings}), encoding="utf-8")
    (workload,) = load_config(path).workloads
    assert workload.tests or workload.observe or isinstance(workload.ready, ReadyExit)
    assert all(setting.source for setting in settings)


@example("", "", "'\"")  # a key has fewer forms than a value
@given(st.text(), st.text(), st.text(min_size=1))
def test_any_text_stands_in_a_careen_toml(value: str, source: str, name: str) -> None:
    text = toml_text("h", (Setting("a", value, source),), {name: (Setting("b", (value,), source),)})
    found = tomllib.loads(text.encode("utf-8", "replace").decode())
    assert all(char.isprintable() for char in text.replace("\n", ""))
    plain = value.encode("utf-8", "replace").decode()
    assert found["a"] == plain
    assert list(found["workload"].values()) == [{"b": [plain]}]


DOCUMENT = {
    "services": {
        "web": {
            "build": {"context": "."},
            "ports": [{"target": 80, "protocol": "tcp"}, {"target": 53, "protocol": "udp"}],
            "depends_on": {"migrate": {"condition": "service_completed_successfully"}},
            "environment": {"TOKEN": None, "MODE": "x"},
        },
        "worker": {"build": {"context": "."}},
        "migrate": {"build": {"context": "."}},
        "db": {"image": "postgres"},
    }
}


def test_the_services_that_compose_builds_are_described() -> None:
    assert chosen_services(DOCUMENT)[0] == ("web", "worker", "migrate")
    facts = {
        name: service_facts(DOCUMENT, name, "c.yaml", None) for name in ("web", "worker", "migrate")
    }
    assert (facts["web"].ports, facts["web"].asked) == ((80,), ("TOKEN",))
    ready = [
        setting.value
        for name in ("worker", "migrate")
        for setting in compose_settings(facts[name], ())
        if setting.key == "ready"
    ]
    assert ready == ["cmd:true", "exit"]


def test_without_a_build_the_services_on_top_are_described() -> None:
    services: dict[str, Any] = {"api": {"depends_on": {"db": {}}}, "db": {}}
    assert chosen_services({"services": services})[0] == ("api",)


@pytest.mark.parametrize(
    ("name", "result", "workload"),
    [
        ("my/app:1", "my/app:1-hardened", "app"),
        ("r.example:5000/app", "r.example:5000/app:hardened", "app"),
        ("app@sha256:00", "app:hardened", "app"),
        ("./image.tar", "./image.tar:hardened", "image.tar"),
        ("...", "...:hardened", "service"),
    ],
)
def test_names_follow_from_the_images(name: str, result: str, workload: str) -> None:
    assert hardened(name) == result
    assert workload_name(name) == workload


def test_an_image_does_not_choose_the_secrets_that_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "careen.toml"
    settings = workload_settings(SERVICE, ())
    path.write_text(toml_text("head", (), {"one": settings}), encoding="utf-8")
    (workload,) = load_config(path).workloads
    assert workload.run.env == ("API_KEY",)
    assert '# env = ["AWS_SECRET"]' in path.read_text(encoding="utf-8")
