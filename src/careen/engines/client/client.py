"""Calls of docker's or podman's command line, and the meaning of their errors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from careen.engines.cgroups import is_mixed
from careen.engines.client.refusals import refusal
from careen.engines.lack import Lack
from careen.errors import InputError, ToolError
from careen.tools.process import Finished, Program, run

SHORT = 60.0
"""Seconds for a call that does not transfer an image."""

LONG = 3600.0
"""Seconds for a call that transfers a whole image."""

PROBE_SECONDS = 5.0
_LINE = 500

_DOWN = (
    "cannot connect to the docker daemon",
    "is the docker daemon running",
    "error during connect",
    "connection refused",
    "unexpected eof",
    "unable to connect to podman",
)
# docker's third answer is for an image that somebody else removes at this moment
_NO_IMAGE = ("no such image", "image not known", "unrecognized image id")
_ADVICE = ("Run 'docker", "See 'docker", "See 'podman", "Try 'podman", "Usage:")


@dataclass(frozen=True, slots=True)
class StoreWords:
    """Where the answer to `info` describes the engine's store: paths of keys.

    `identity` is the engine's id, which its data directory also states; `is_remote` says whether
    the engine is on another machine. An engine has one of the two.
    """

    root: tuple[str, ...]
    driver: tuple[str, ...]
    identity: tuple[str, ...] = ()
    is_remote: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Client:
    """The command line of an engine, and where its answers differ from the other's.

    `probe_words`, `runtime_words` and `mapped_words` are calls: one that any working engine answers
    (podman with its runtime), one for the default runtime, and one for whether all containers have
    other user ids than this machine: its answer has one of `mapped_marks` then. `driver` names the
    storage driver with overlay directories. `remove_words` are options for each removal of a
    container. `makes_manifests` says that the store has manifests that no registry knows, and
    `checks_docker_form` that the HEALTHCHECK counts only in a manifest of docker's form.
    `is_daemonless` says that the client itself starts containers: each has a monitor process, and
    can be set up without its first exec.
    """

    name: str
    program: Program
    remedy: str
    probe_words: tuple[str, ...]
    runtime_words: tuple[str, ...]
    mapped_words: tuple[str, ...]
    mapped_marks: tuple[str, ...]
    driver: str
    store_words: StoreWords
    remove_words: tuple[str, ...] = ()
    is_daemonless: bool = False
    makes_manifests: bool = False
    checks_docker_form: bool = False

    @property
    def service(self) -> str:
        """What has to answer, for messages."""
        return self.name if self.is_daemonless else f"the {self.name} daemon"

    def probe(self, *, runs: bool = True) -> Lack | None:
        """Return why the engine cannot be used, or None if it answers within 5 seconds.

        Without `runs`, its store is enough: no container has to run.
        """
        program = self.program.path()
        if program is None:
            why = f"the {self.name} command is not installed (package {self.program.package})"
            return Lack(why, (self.remedy,))
        done = run((program, *self.probe_words), timeout=PROBE_SECONDS)
        if done.status is None:
            return Lack(
                f"{self.service} does not answer within {PROBE_SECONDS:g} s", (self.remedy,)
            )
        if done.status != 0:
            said = complaint(done.stderr.decode("utf-8", "replace"))
            return refusal(said, self.name) or Lack(said, (self.remedy,))
        if runs and self.is_daemonless and done.text.strip() == "crun" and is_mixed():
            return Lack(
                f"{self.name}'s runtime is crun, which refuses this machine's mix of cgroup v1 and"
                " v2",
                ('install runc, and set runtime = "runc" in containers.conf',),
            )
        return None

    def runtime(self) -> str:
        """Return the default runtime (`runc`, `runsc`, `kata-runtime` …)."""
        doing = f"asking {self.name} for its runtime"
        return self.call(*self.runtime_words, doing=doing).text.strip()

    def maps_users(self) -> bool:
        """Return whether files of containers have other owners on this machine than inside."""
        doing = f"asking {self.name} how its containers are kept"
        answer = self.call(*self.mapped_words, doing=doing).text
        return any(mark in answer for mark in self.mapped_marks)

    def note(self) -> str:
        """Return what a user should know of its containers, or "". Raises ToolError."""
        if not self.maps_users():
            return ""
        return (
            f"{self.name}'s containers have user ids of their own (rootless, or remapped): sensors"
            " that need a mount of the container cannot be used, and its changes are read by a"
            " commit"
        )

    def failure(self, done: Finished, doing: str) -> ToolError:
        """Return the error for a failed call, as one line."""
        said = complaint((done.stderr or done.stdout).decode("utf-8", "replace"))
        if done.status is None:
            return ToolError(
                f"{doing}: {self.name} did not answer in time; look at {self.service}, or use"
                " --engine embedded"
            )
        if daemon_is_down(said):
            return ToolError(
                f"{doing}: {self.service} does not answer ({said}); start it, or use --engine"
                " embedded"
            )
        if "no such container" in said.lower():
            return ToolError(
                f"{doing}: the container is gone, and careen did not remove it; see who cleans up"
                " on this machine, and run the command again"
            )
        if "container state improper" in said:  # podman's words
            return ToolError(f"{doing}: the container is not running: {said}")
        return ToolError(f"{doing}: {self.name} failed ({done.status}): {said}")

    def call(
        self,
        *words: str,
        doing: str,
        timeout: float = SHORT,
        stdin: IO[bytes] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Finished:
        """Run the client with `words` and return its output; raise ToolError unless it exits 0."""
        argv = (self.program.require(), *words)
        where = str(cwd) if cwd is not None else None
        done = run(argv, timeout=timeout, stdin=stdin, env=env, cwd=where)
        if done.status != 0:
            raise self.failure(done, doing)
        return done

    def try_call(
        self, *words: str, doing: str, absent: tuple[str, ...], timeout: float = SHORT
    ) -> Finished | None:
        """Run the client with `words`; return None if the object does not exist.

        `absent` are messages for that, in lower case. Raises ToolError for other failures.
        """
        done = run((self.program.require(), *words), timeout=timeout)
        if done.status == 0:
            return done
        said = done.stderr.decode("utf-8", "replace").lower()
        if done.status is not None and any(message in said for message in absent):
            return None
        raise self.failure(done, doing)

    def inspect_image(self, name: str) -> Mapping[str, Any] | None:
        """Return the inspect record of an image, or None if it does not exist.

        Its `Id` is `sha256:…`. Raises InputError for text that is not an image name.
        """
        if not name or name.startswith("-") or any(char.isspace() for char in name):
            msg = f"not an image name: {name!r}"
            raise InputError(msg)
        doing = f"looking up image {name!r}"
        done = self.try_call("image", "inspect", "--", name, doing=doing, absent=_NO_IMAGE)
        if done is None:
            return None
        found = self.document(done, doing)
        return {**found, "Id": full_id(found.get("Id"))}

    def remove_image(self, name: str) -> None:
        """Remove a name of an image, or an image by its id; do nothing if it does not exist."""
        self.try_call(
            "image", "rm", name, doing=f"removing image {name}", absent=_NO_IMAGE, timeout=300.0
        )

    def document(self, done: Finished, doing: str) -> Mapping[str, Any]:
        """Return the JSON object that the client printed."""
        return self.document_of(done.stdout, doing)

    def document_of(self, text: bytes, doing: str) -> Mapping[str, Any]:
        """Return the JSON object in the client's output, or the only object of a list.

        Raises ToolError for anything else.
        """
        shown = text[:80].decode("utf-8", "replace")
        try:
            found = json.loads(text)
        except ValueError as error:
            msg = f"{doing}: {self.name}'s answer is not JSON: {shown!r}"
            raise ToolError(msg) from error
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if not isinstance(found, dict):
            msg = f"{doing}: {self.name}'s answer is not one object: {shown!r}"
            raise ToolError(msg)
        return found


DOCKER = Client(
    name="docker",
    program=Program(("docker",), "docker.io"),
    remedy=(
        "install and start docker (for example `apt-get install docker.io`), and see that this user"
        " may reach its socket"
    ),
    probe_words=("version", "--format", "{{.Server.Version}}"),
    runtime_words=("info", "--format", "{{.DefaultRuntime}}"),
    mapped_words=("info", "--format", "{{json .SecurityOptions}}"),
    mapped_marks=("name=userns", "name=rootless"),
    driver="overlay2",
    store_words=StoreWords(root=("DockerRootDir",), driver=("Driver",), identity=("ID",)),
)

PODMAN = Client(
    name="podman",
    program=Program(("podman",), "podman"),
    remedy=(
        "install podman (for example `apt-get install podman`) and run careen as root, or see that"
        " `podman info` works for this user"
    ),
    probe_words=("info", "--format", "{{.Host.OCIRuntime.Name}}"),
    runtime_words=("info", "--format", "{{.Host.OCIRuntime.Name}}"),
    mapped_words=("info", "--format", "{{.Host.Security.Rootless}}"),
    mapped_marks=("true",),
    driver="overlay",
    store_words=StoreWords(
        root=("store", "graphRoot"),
        driver=("store", "graphDriverName"),
        is_remote=("host", "serviceIsRemote"),
    ),
    # Otherwise it waits ten seconds for a container that does not end on its stop signal.
    remove_words=("--time", "0"),
    is_daemonless=True,
    makes_manifests=True,
    checks_docker_form=True,
)

CLIENTS = (DOCKER, PODMAN)
"""All clients, the preferred one first."""


def daemon_is_down(complaint: str) -> bool:
    """Return whether an error message says that the engine's service is unreachable."""
    return any(words in complaint.lower() for words in _DOWN)


def complaint(text: str) -> str:
    """Return the line of a client's output that says what failed.

    It is the engine's own error, else the last line that is not a usage hint.
    """
    lines = [
        line.strip() for line in text.splitlines() if line.strip() and not line.startswith(_ADVICE)
    ]
    # podman's error may have more lines below it
    answers = [line for line in lines if "error response from daemon" in line.lower()] or [
        line for line in lines if line.startswith("Error: ")
    ]
    return (answers or lines or ["no output"])[-1][:_LINE]


def full_id(found: object) -> str:
    """Return an image's id as `sha256:…`; podman leaves the algorithm out."""
    text = str(found or "")
    return text if not text or ":" in text else f"sha256:{text}"
