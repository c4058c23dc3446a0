"""An image's platform and configuration, as the OCI image specification defines them.

The raw bytes are kept beside the parsed form, because digests are taken over bytes and unknown
fields are carried over.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from careen.model.digest import Digest

NANOSECONDS = 1_000_000_000
_PORT = re.compile(r"([0-9]{1,9})(?:/|\Z)")


@dataclass(frozen=True, slots=True)
class Platform:
    """`os/architecture[/variant]` with Go's names (`linux/amd64`, `linux/arm64/v8`)."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """Docker's HEALTHCHECK.

    `test` is as stored (`["CMD", …]` or `["CMD-SHELL", text]`). `timeout` is in seconds; `retries`
    is the number of consecutive failures that make it unhealthy. 0 means the engine's default.
    """

    test: tuple[str, ...]
    timeout: float = 0.0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """The image configuration.

    `document` is the whole parsed JSON; the properties are the parts that careen reads.
    """

    document: Mapping[str, Any]

    def _run(self) -> Mapping[str, Any]:
        return self.document.get("config") or {}

    @property
    def platform(self) -> Platform:
        doc = self.document
        return Platform(
            str(doc.get("os") or "linux"),
            str(doc.get("architecture") or ""),
            str(doc.get("variant") or ""),
        )

    @property
    def entrypoint(self) -> tuple[str, ...]:
        return tuple(self._run().get("Entrypoint") or ())

    @property
    def cmd(self) -> tuple[str, ...]:
        return tuple(self._run().get("Cmd") or ())

    @property
    def env(self) -> Mapping[str, str]:
        pairs = (item.partition("=") for item in self._run().get("Env") or ())
        return {key: value for key, _, value in pairs}

    @property
    def working_dir(self) -> str:
        return str(self._run().get("WorkingDir") or "/")

    @property
    def user(self) -> str:
        return str(self._run().get("User") or "")

    @property
    def stop_signal(self) -> str:
        return str(self._run().get("StopSignal") or "SIGTERM")

    @property
    def exposed_ports(self) -> tuple[str, ...]:
        """Ports as stored (`8080/tcp`), sorted by number; unparsable ones first."""
        ports = list(self._run().get("ExposedPorts") or {})
        return tuple(
            sorted(
                ports, key=lambda port: (int(found[1]) if (found := _PORT.match(port)) else 0, port)
            )
        )

    @property
    def volumes(self) -> tuple[str, ...]:
        return tuple(sorted(self._run().get("Volumes") or {}))

    @property
    def healthcheck(self) -> Healthcheck | None:
        """The HEALTHCHECK, or None if it is missing or disabled (`["NONE"]`)."""
        raw = self._run().get("Healthcheck") or {}
        test = tuple(raw.get("Test") or ())
        if not test or test[0] == "NONE":
            return None
        return Healthcheck(test, (raw.get("Timeout") or 0) / NANOSECONDS, raw.get("Retries") or 0)

    @property
    def healthcheck_argv(self) -> tuple[str, ...]:
        """The command line of the HEALTHCHECK, empty if there is none to run.

        The shell form uses the image's SHELL, as docker does.
        """
        healthcheck = self.healthcheck
        kind, *words = healthcheck.test if healthcheck is not None else ("",)
        if kind == "CMD" and words:
            return tuple(map(str, words))
        if kind == "CMD-SHELL" and words:
            return (*map(str, self._run().get("Shell") or ("/bin/sh", "-c")), str(words[0]))
        return ()

    @property
    def diff_ids(self) -> tuple[Digest, ...]:
        """Digests of the uncompressed layers, lowest first. Raises ImageError."""
        ids = (self.document.get("rootfs") or {}).get("diff_ids") or ()
        return tuple(
            Digest.parse(item, f"config.rootfs.diff_ids[{i}]") for i, item in enumerate(ids)
        )

    @property
    def history(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(self.document.get("history") or ())
