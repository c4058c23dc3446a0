"""Calls of skopeo under careen's policy: TLS, retries, time limits, one line for each failure."""

import itertools
import os
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from careen.errors import InputError, ToolError
from careen.oci.reference import RegistryImage, StorageImage
from careen.registries.credentials import environment_of_logins
from careen.registries.failures import TRIES, Failure, SkopeoFailure, failure_of
from careen.tools.process import Finished, Program, Supervision, run

SKOPEO = Program(("skopeo",), "skopeo")

SHORT = 120.0
"""Seconds for one attempt at a call that moves a document."""

LONG = 3600.0
"""Seconds for one attempt at moving an image of unknown size."""

FREE_SECONDS, BYTES_PER_SECOND = 900.0, 256 << 10
"""Seconds for one attempt at moving an image: 900, plus one for each 256 KiB of it."""

_LOOPBACK = re.compile(r"(?:localhost|127(?:\.[0-9]{1,3}){3})(?::[0-9]+)?\Z")

Place = RegistryImage | StorageImage


def seconds_for(size: int) -> float:
    """Return the time limit for moving `size` bytes."""
    return FREE_SECONDS + size / BYTES_PER_SECOND


@dataclass(frozen=True, slots=True)
class Call:
    """One call: skopeo's verb and words, and the place that it talks to.

    `side` is the prefix of the options for that place: "", `src-` or `dest-`. `until` ends the
    call when it returns true.
    """

    verb: str
    words: tuple[str, ...]
    place: Place
    doing: str
    side: str = ""
    timeout: float = SHORT
    until: Callable[[], bool] | None = None


@dataclass(slots=True)
class Skopeo:
    """skopeo with the run's choices.

    `tls_verify` None verifies certificates, and accepts plain HTTP from a registry on this
    machine. skopeo reads credentials itself; careen sees and passes none. When `ended` returns
    true, the running call ends, and each later one fails: nobody waits for them any more.
    """

    tls_verify: bool | None = None
    say: Callable[[str], None] = lambda _: None
    pause: Callable[[float], object] = time.sleep
    ended: Callable[[], bool] | None = None
    _plain: set[str] = field(default_factory=set)

    def call(self, call: Call) -> Finished:
        """Run it, again after failures that may pass, and return its output.

        Raises InputError (no such image) or ToolError, as one line that says what to do.
        """
        done = self.attempt(call)
        if isinstance(done, Finished):
            return done
        raise error_of(done, call)

    def attempt(self, call: Call) -> Finished | SkopeoFailure:
        """Run it, again after failures that may pass; return its output or its failure.

        Raises ToolError if it does not end in time.
        """
        for attempt in itertools.count(1):
            if self.ended is not None and self.ended():
                msg = f"{call.doing}: the run was ended"
                raise ToolError(msg)
            done = self._once(call)
            if done.status == 0:
                return done
            if done.status is None:
                msg = f"{call.doing}: skopeo did not finish in {call.timeout:.0f} s and was ended"
                raise ToolError(msg)
            failure = replace(failure_of(done), attempts=attempt)
            if attempt >= TRIES.get(failure.kind, 1):
                return failure
            wait = 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 — jitter
            self.say(f"{call.doing}: {failure.words}; trying again in {wait:.0f} s")
            self.pause(wait)
        raise AssertionError  # the loop returns

    def speaks_plain_http(self, host: str) -> bool:
        """Return whether a registry on this machine was found to speak plain HTTP."""
        return host in self._plain

    def may_speak_plain_http(self, host: str) -> bool:
        """Return whether a registry may: on this machine unless forbidden, elsewhere if allowed."""
        return self.tls_verify is False or bool(self.tls_verify is None and _LOOPBACK.match(host))

    def found_plain_http(self, host: str) -> None:
        """Note that a registry that may speak plain HTTP does so."""
        self._plain.add(host)

    def _once(self, call: Call) -> Finished:
        done = self._run(call)
        host = call.place.host if isinstance(call.place, RegistryImage) else ""
        if (
            done.status not in (0, None)
            and self.tls_verify is None
            and host not in self._plain
            and _LOOPBACK.match(host)
            and failure_of(done).kind is Failure.PLAIN_HTTP
        ):
            # Nobody else can listen to what stays on this machine.
            self._plain.add(host)
            return self._run(call)
        return done

    def _run(self, call: Call) -> Finished:
        argv = (*_program(), call.verb, *self._trust(call), *call.words)
        ends = [each for each in (call.until, self.ended) if each is not None]
        until = (lambda: any(each() for each in ends)) if ends else None
        supervision = Supervision(until, strays=call.until is not None)
        env = environment_of_logins() if isinstance(call.place, RegistryImage) else None
        return run(argv, timeout=call.timeout, supervision=supervision, env=env)

    def _trust(self, call: Call) -> Sequence[str]:
        if not isinstance(call.place, RegistryImage):
            return ()
        verify = False if call.place.host in self._plain else self.tls_verify
        return () if verify is None else (f"--{call.side}tls-verify={str(verify).lower()}",)


def skopeo_version() -> str:
    """Return the version of skopeo, or "" if it is missing or does not say."""
    path = SKOPEO.path()
    done = run((path, "--version"), timeout=SHORT) if path is not None else None
    return done.text.rpartition(" ")[2].strip() if done is not None and done.status == 0 else ""


def error_of(failure: SkopeoFailure, call: Call) -> InputError | ToolError:
    """Return the error for a failed call."""
    host = call.place.host if isinstance(call.place, RegistryImage) else ""
    advice = failure.kind.value.format(host=host)
    if isinstance(call.place, StorageImage):
        advice = advice.replace("the registry", "the store")
    often = f" ({failure.attempts} attempts)" if failure.attempts > 1 else ""
    msg = f"{call.doing}: {failure.words}{often}; {advice}"
    return (InputError if failure.kind is Failure.ABSENT else ToolError)(msg)


def _program() -> tuple[str, ...]:
    """Return skopeo's path and the options before its verb."""
    # podman and buildah read this variable; skopeo has only the option.
    conf = os.environ.get("CONTAINERS_REGISTRIES_CONF")
    return (SKOPEO.require(), *(("--registries-conf", conf) if conf else ()))
