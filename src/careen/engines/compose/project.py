"""A compose project of careen's own: the neighbours of a watched service, and its containers."""

import json
import os
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

from careen.engines.client.client import LONG, SHORT, Client, complaint
from careen.engines.compose.file import MISSING, document_of, image_of, services_of
from careen.engines.compose.neighbours import conditions, needed, neighbours_document
from careen.engines.compose.watched import Wanted, watched_document
from careen.errors import ToolError
from careen.model.runs.compose import ComposeService
from careen.model.runs.workload import RunOptions
from careen.tools.process import Finished, run
from careen.tools.workspace import Leftover, Workspace

PROJECT = "docker-compose-project"
LABEL = "com.docker.compose.project"
PREFIX = "careen-"
READY_SECONDS = 300.0
_PAUSE = 0.5
_OURS = re.compile(r"careen-[0-9a-f]{16}\Z")
_TRIES = 5
_GONE = ("no such", "not found", "already in progress", "has active endpoints")
"""Messages for what is gone, or goes in the next try."""


class ComposeProject:
    """The project of one container of a service: its neighbours, networks and volumes."""

    def __init__(
        self,
        service: ComposeService,
        client: Client,
        workspace: Workspace,
        labels: Mapping[str, str],
    ) -> None:
        self.service = service
        self._client = client
        self._workspace = workspace
        self._labels = labels
        self._name = ""

    @property
    def neighbours(self) -> tuple[str, ...]:
        """The services that are started beside the watched one."""
        return needed(document_of(self.service.document), self.service.name)

    def begin(self, *, alone: bool) -> None:
        """Start the neighbours with empty volumes, and wait as the service's file says.

        With `alone` none is started. Raises ToolError with the neighbour that failed.
        """
        self._name = f"{PREFIX}{secrets.token_hex(8)}"
        self._workspace.record(Leftover(PROJECT, self._name))
        if alone:
            return
        document = document_of(self.service.document)
        self._require_images(document)
        if chosen := self.neighbours:
            beside = neighbours_document(document, self.service.name, self._labels)
            doing = f"starting the neighbours of service {self.service.name!r}"
            self._compose(beside, "up", "--detach", "--no-build", *chosen, doing=doing)
            self._wait(document)

    def end(self) -> None:
        """Remove the project's containers, networks and volumes, if it was begun."""
        if self._name:
            remove_project(self._client, self._name)
            self._workspace.forget(Leftover(PROJECT, self._name))
            self._name = ""

    def create(self, options: RunOptions, wanted: Wanted) -> str:
        """Create a container of the watched service, and return its id. Raises ToolError."""
        document = watched_document(options.compose or self.service, options, wanted)
        doing = f"creating a container of service {self.service.name!r}"
        words = ("create", "--no-build", "--pull", "never")
        self._compose(document, *words, doing=doing)
        found = self._client.call(
            "container", "inspect", "--format", "{{.Id}}", wanted.name, doing=doing
        )
        return found.text.strip()

    def _require_images(self, document: Mapping[str, Any]) -> None:
        """Raise ToolError for a neighbour whose image has to be built first."""
        services = services_of(document)
        for name in self.neighbours:
            if not services[name].get("build"):
                continue
            image = image_of(document, name)
            if self._client.inspect_image(image) is None:
                msg = (
                    f"neighbour {name!r}: its image {image!r} was not built; `docker compose build"
                    f" {name}` builds it"
                )
                raise ToolError(msg)

    def _compose(self, document: Mapping[str, Any], *words: str, doing: str) -> Finished:
        """Run the plug-in on a document, which it reads from its standard input."""
        # not in a file or on the command line: it may hold secrets
        program = self._client.program.require()
        with os.fdopen(os.memfd_create("careen-compose", os.MFD_CLOEXEC), "w+b") as stream:
            stream.write(json.dumps(document).encode())
            stream.seek(0)
            argv = (
                *(program, "compose", "--project-name", self._name, "--file", "-"),
                *("--project-directory", self.service.directory or ".", "--progress", "plain"),
                *words,
            )
            done = run(argv, timeout=LONG, stdin=stream)
        if done.status == 0:
            return done
        said = done.stderr.decode("utf-8", "replace")
        if "is not a docker command" in said:
            raise ToolError(MISSING)
        if done.status is None:
            msg = f"{doing}: docker compose did not finish in {LONG:g} s"
            raise ToolError(msg)
        said = complaint(said)
        if words[0] == "up":
            msg = f"{doing}: {said}{self._last_words()}"
            raise ToolError(msg)
        msg = f"{doing}: docker compose failed ({done.status}): {said}"
        raise ToolError(msg)

    def _containers(self) -> list[Mapping[str, Any]]:
        """Return the records of the project's containers."""
        doing = "looking at the neighbours"
        found = self._client.call(
            "ps",
            "--all",
            "--quiet",
            "--no-trunc",
            "--filter",
            f"label={LABEL}={self._name}",
            doing=doing,
        )
        if not (ids := found.text.split()):
            return []
        told = run((self._client.program.require(), "container", "inspect", *ids), timeout=SHORT)
        try:  # one that was removed meanwhile is missing in the answer
            records: list[Mapping[str, Any]] = json.loads(told.stdout)
        except ValueError as error:
            raise self._client.failure(told, doing) from error
        return records

    def _states(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            str(each["Config"]["Labels"].get("com.docker.compose.service")): each["State"]
            for each in self._containers()
        }

    def _wait(self, document: Mapping[str, Any]) -> None:
        """Wait until each direct dependency meets its condition."""
        until = time.monotonic() + READY_SECONDS
        waiting = dict(conditions(document, self.service.name))
        while waiting:
            states = self._states()
            for other, (condition, required) in list(waiting.items()):
                trouble = _trouble(condition, states.get(other))
                if trouble is None or (trouble and not required):
                    del waiting[other]
                elif trouble:
                    self._fail(other, trouble)
            if waiting and time.monotonic() > until:
                other, (condition, _) = next(iter(waiting.items()))
                self._fail(other, f"not {condition} after {READY_SECONDS:g} s")
            if waiting:
                time.sleep(_PAUSE)

    def _fail(self, other: str, why: str) -> None:
        msg = (
            f"neighbour {other!r} of service {self.service.name!r}: {why}{self._last_words(other)}"
        )
        raise ToolError(msg)

    def _last_words(self, only: str = "") -> str:
        """Return the last output of a neighbour, by default of one that failed."""
        for each in self._containers():
            service = str(each["Config"]["Labels"].get("com.docker.compose.service"))
            state = each["State"]
            if service == only or (not only and not state.get("Running") and state.get("ExitCode")):
                told = run(
                    (self._client.program.require(), "logs", "--tail", "3", str(each["Id"])),
                    timeout=SHORT,
                )
                said = " | ".join(
                    (told.stdout + told.stderr).decode("utf-8", "replace").split("\n")
                )
                return f"; {service} printed last: {said.strip(' |')[-300:]}" if said else ""
        return ""


def is_alone(options: RunOptions) -> bool:
    """Return whether a container needs no neighbours: it reaches none, or does not serve."""
    throwaway = options.compose is not None and options.compose.throwaway
    return options.network == "none" or (throwaway and options.entrypoint is not None)


def _trouble(condition: str, state: Mapping[str, Any] | None) -> str | None:
    """Return None if a condition is met, "" if it may be met later, else why it will not be."""
    if state is None:
        return "there is no container of it"
    running, code = bool(state.get("Running")), int(state.get("ExitCode") or 0)
    if condition == "service_completed_successfully":
        if running or state.get("Status") == "created":
            return ""
        return None if code == 0 else f"ended with exit status {code}"
    if not running and state.get("Status") in ("exited", "dead"):
        return None if condition == "service_started" else f"ended with exit status {code}"
    if condition == "service_healthy":
        health = str((state.get("Health") or {}).get("Status") or "none")
        if health == "none":
            return "has no health check, which condition service_healthy needs"
        return {"healthy": None, "unhealthy": "is unhealthy"}.get(health, "")
    return None


def remove_project(client: Client, name: str) -> None:
    """Remove everything of a project; do nothing for what is gone. Raises ToolError."""
    # By labels: the plug-in or its file may be gone when a later run cleans up.
    if not _OURS.match(name):
        msg = f"not a compose project of ours: {name!r}"
        raise ToolError(msg)
    for _ in range(_TRIES):
        if not _removed(client, name):
            return
        time.sleep(_PAUSE)  # what the daemon was still making when compose was ended
    msg = f"removing compose project {name}: docker still has something of it"
    raise ToolError(msg)


def _removed(client: Client, name: str) -> bool:
    """Remove what a project has now; return whether there was anything."""
    program = client.program.require()
    chosen = ("--filter", f"label={LABEL}={name}", "--quiet")
    any_found = False
    for listing, removal in (
        (("ps", "--all"), ("rm", "--force", "--volumes")),
        (("network", "ls"), ("network", "rm")),
        (("volume", "ls"), ("volume", "rm", "--force")),
    ):
        doing = f"removing compose project {name}"
        found = client.call(*listing, *chosen, doing=doing).text.split()
        if found:
            any_found = True
            done = run((program, *removal, *found), timeout=120.0)
            said = done.complaint.lower()
            if done.status != 0 and not any(words in said for words in _GONE):
                raise client.failure(done, doing)
    return any_found
