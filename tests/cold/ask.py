"""Ask one cold case of an image, and judge the answer."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

import httpx

from careen.errors import ToolError
from careen.tools.process import run
from careen.verify.bodies.normal import Noise
from tests.cold.container import Container, once, service
from tests.cold.subject import Case, Expected, Subject

SHOWN = 2000
_NOISE = Noise([r"@\d+\.\d+"])  # OpenCV's seconds since its start
_VAIN = (
    re.compile(r"(?:ModuleNotFoundError|ImportError): No module named '([\w.]+)'"),
    re.compile(r"(\S+\.so[\w.]*): cannot open shared object file"),
    re.compile(r"No such file or directory: '([^'\n]+)'"),
    re.compile(
        r"(?:open|stat|cannot access|cannot stat|can't open)["
        r" ('\"]{1,3}(/[\w/.@+-]+)\W{1,6}.{0,12}No such file or directory"
    ),
    re.compile(r"(?:^|: )([/\w.@+-]+): (?:command not found|not found)", re.MULTILINE),
    re.compile(
        r"(?:Cannot find module|LookupError: unknown"
        r" encoding:|NoClassDefFoundError:|ClassNotFoundException:) '?([\w./@$-]+)"
    ),
    re.compile(r'exec: "([^"\n]+)": (?:executable file not found|stat)'),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status (None when the time was over) and a text."""

    status: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case on one image. `wrong` says what differs from what was expected, "" when nothing does;
    `vain` what was looked for in vain.
    """

    case: str
    answer: Answer
    wrong: str
    vain: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.wrong

    @property
    def failure(self) -> str:
        """The case, what is wrong, and what was looked for in vain."""
        vain = f"; looked for in vain: {', '.join(self.vain)}" if self.vain else ""
        return f"{self.case}: {self.wrong}{vain}"


class Asker:
    """Asks cases of one image. Those that need no container of their own share one (`running`, if
    it is given), which is started again if a case ended it.
    """

    def __init__(self, subject: Subject, image: str, running: Container | None = None) -> None:
        self._subject = subject
        self._image = image
        self._stack = contextlib.ExitStack()
        self._shared = running

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, case: Case, reference: Answer | None = None) -> Outcome:
        """Return the outcome; `reference` is the original's answer, for cases that must be the
        same. Never raises for what the image does.
        """
        logs = ""
        try:
            if case.action == "run":
                answer = self._run(case)
            elif case.action == "host" and self._subject.ready == "exit":
                answer = _on_host(case, self._subject, {"IMAGE": self._image})
            else:
                with self._container(case) as container:
                    answer = ask_in(case, self._subject, container)
                    logs = container.logs() if wrong_with(case.expected, answer, reference) else ""
        except ToolError as error:
            answer = Answer(None, str(error))
        wrong = wrong_with(case.expected, answer, reference)
        return Outcome(
            case.name, answer, wrong, looked_for_in_vain(f"{answer.text}\n{logs}") if wrong else ()
        )

    def _run(self, case: Case) -> Answer:
        stdin = self._subject.folder / case.stdin if case.stdin else None
        done = once(self._subject, self._image, case.options, case.words, stdin, case.timeout)
        return Answer(done.status, (done.stdout + done.stderr).decode("utf-8", "replace"))

    @contextlib.contextmanager
    def _container(self, case: Case) -> Iterator[Container]:
        if case.own:
            with service(self._subject, self._image, case.options) as container:
                yield container
            return
        if self._shared is None or not self._shared.running():
            self._stack.close()
            self._shared = self._stack.enter_context(service(self._subject, self._image))
        yield self._shared


def ask_in(case: Case, subject: Subject, container: Container) -> Answer:
    """Ask a case that needs no container of its own of one that runs. Raises ToolError when it does
    not end in time.
    """
    if case.request is not None:
        try:
            sent = case.request
            reply = httpx.request(
                sent.method,
                container.base_url + sent.path,
                headers=dict(sent.headers),
                content=sent.body,
                timeout=case.timeout,
                trust_env=False,
            )
        except httpx.HTTPError as error:
            return Answer(None, f"{type(error).__name__}: {error}")
        return Answer(reply.status_code, reply.text)
    if case.action == "exec":
        words = ["docker", "exec", "-i", container.name, *case.words]
        path = subject.folder / case.stdin if case.stdin else None
        with path.open("rb") if path else contextlib.nullcontext() as stream:
            done = run(words, timeout=case.timeout, stdin=stream)
    else:
        return _on_host(
            case,
            subject,
            {"CONTAINER": container.name, "IMAGE": container.image, "BASE_URL": container.base_url},
        )
    return Answer(done.status, (done.stdout + done.stderr).decode("utf-8", "replace"))


def _on_host(case: Case, subject: Subject, variables: Mapping[str, str]) -> Answer:
    environment = {**os.environ, **variables, "PYTHON": sys.executable}
    done = run(
        ["/bin/bash", "-o", "pipefail", "-c", *case.words],
        timeout=case.timeout,
        env=environment,
        cwd=str(subject.folder),
    )
    return Answer(done.status, (done.stdout + done.stderr).decode("utf-8", "replace"))


def wrong_with(expected: Expected, answer: Answer, reference: Answer | None) -> str:
    """Say in one line what is wrong with an answer, or ""."""
    if answer.status is None:
        return f"no answer in time, or none at all: {answer.text[-300:]!r}"
    if answer.status != expected.status:
        return f"expected status {expected.status}, got {answer.status}: {answer.text[-300:]!r}"
    for text in expected.contains:
        if text not in answer.text:
            return f"expected {text!r} in the answer: {answer.text[-300:]!r}"
    for text in expected.absent:
        if text in answer.text:
            return f"did not expect {text!r} in the answer"
    if expected.same and reference is not None:
        return _other_than(reference.text, answer.text)
    return ""


def _other_than(reference: str, answer: str) -> str:
    """Say where an answer first differs from the original's, or ""."""
    for number, (was, now) in enumerate(
        zip_longest(_without_noise(reference), _without_noise(answer), fillvalue=""), 1
    ):
        if was != now:
            same = max(
                0,
                next(
                    (i for i, (one, two) in enumerate(zip(was, now, strict=False)) if one != two),
                    min(len(was), len(now)),
                )
                - 40,
            )
            return (
                f"line {number} is not what the original answers, {was[same:][:200]!r}:"
                f" {now[same:][:200]!r}"
            )
    return ""


def _without_noise(text: str) -> list[str]:
    """What means the same: times of day, addresses and the like differ from run to run."""
    return [_NOISE.line(line) for line in text.splitlines()]


def looked_for_in_vain(text: str) -> tuple[str, ...]:
    """Return the names of files, modules, libraries and commands that messages say are not there,
    in order, each once.
    """
    found: dict[str, None] = {}
    for line in text.splitlines():
        for pattern in _VAIN:
            found.update((item, None) for item in pattern.findall(line[:2000]))
    return tuple(found)
