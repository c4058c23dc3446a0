"""Devices of `--gpus` as names of the Container Device Interface (CDI)."""

import csv
import re

from careen.errors import InputError

_KIND = "nvidia.com/gpu"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z][\w-]*=[A-Za-z0-9][\w.:-]*\Z", re.ASCII)
_DEVICE = re.compile(r"[A-Za-z0-9][\w.:-]*\Z", re.ASCII)
_MOST = 1024


def is_cdi_name(text: str) -> bool:
    """Return whether `--gpus` names CDI devices (`vendor/class=name`, separated by commas)."""
    return all(_NAME.match(word) for word in text.split(","))


def cdi_names(text: str) -> tuple[str, ...]:
    """Return the CDI names of `--gpus`: docker's words, or CDI names themselves.

    Raises InputError for other text.
    """
    if is_cdi_name(text):
        return tuple(text.split(","))
    names: list[str] = []
    fields = next(csv.reader([text], skipinitialspace=True), [])
    for field in fields:
        key, equals, value = field.partition("=")
        if equals and key == "device":
            names += value.split(",")
        elif not equals and names and _DEVICE.match(field):  # device=0,1 without quotes
            names.append(field)
        elif field == "all" or (key, value) in {("count", "all"), ("count", "-1")}:
            names.append("all")
        elif (count := value if key == "count" else field).isdecimal() and int(count) <= _MOST:
            names += map(str, range(int(count)))
        elif key not in ("capabilities", "driver") or (key == "driver" and value != "nvidia"):
            raise _refused(text)
    if not names or not all(_DEVICE.match(name) for name in names):
        raise _refused(text)
    return tuple(f"{_KIND}={name}" for name in dict.fromkeys(names))


def _refused(text: str) -> InputError:
    return InputError(
        f"--gpus {text!r}: expected all, a number, device=NAME[,NAME], or names of CDI devices"
        " (vendor/class=name)"
    )
