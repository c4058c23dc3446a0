"""What a service of a compose file changes of its image's configuration."""

import json
import re
from typing import Any

from careen.model.image import NANOSECONDS, ImageConfig
from careen.model.runs.workload import RunOptions

_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|us|µs|ns)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def config_in(config: ImageConfig, options: RunOptions) -> ImageConfig:
    """Return the configuration with which a container of these options runs.

    Command line, health check, user, directory and stop signal are those of the compose service, if
    it has them. Without a service the configuration is unchanged.
    """
    if options.compose is None:
        return config
    service = json.loads(options.compose.document)["services"][options.compose.name] or {}
    own = dict(config.document.get("config") or {})
    # as in docker: another entrypoint drops the image's arguments
    if service.get("entrypoint") is not None:
        own |= {"Entrypoint": _words(service["entrypoint"]), "Cmd": None}
    if service.get("command") is not None:
        own["Cmd"] = _words(service["command"])
    for key, name in (
        ("user", "User"),
        ("working_dir", "WorkingDir"),
        ("stop_signal", "StopSignal"),
    ):
        if service.get(key):
            own[name] = _plain(service[key])
    if health := service.get("healthcheck"):
        own["Healthcheck"] = _health(health, own.get("Healthcheck") or {})
    return ImageConfig({**config.document, "config": own})


def _health(health: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    if health.get("disable"):
        return {"Test": ["NONE"]}
    return {
        "Test": _words(health["test"]) if health.get("test") else own.get("Test"),
        "Timeout": _nanoseconds(health.get("timeout")) or own.get("Timeout"),
        "Retries": int(health.get("retries") or 0) or own.get("Retries"),
    }


def _nanoseconds(text: object) -> int:
    parts = _DURATION.findall(str(text or ""))
    return int(sum(float(number) * _UNITS[unit] for number, unit in parts) * NANOSECONDS)


def _plain(text: object) -> str:
    return str(text).replace("$$", "$")


def _words(words: object) -> list[str]:
    return [_plain(word) for word in words] if isinstance(words, list) else [_plain(words)]
