"""The command of a container: the image's config changed by options, as in `docker run`."""

import os
import posixpath
from collections.abc import Mapping

from careen.errors import InputError
from careen.model.image import ImageConfig
from careen.model.runs.workload import RunOptions

NOTHING_TO_RUN = (
    "the image has neither an ENTRYPOINT nor a CMD; give a command after `--`, or with --entrypoint"
)
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def command(config: ImageConfig, options: RunOptions) -> tuple[str, ...]:
    """Return the argument vector.

    `--entrypoint` drops the image's command, too; an empty one drops the entrypoint. Raises
    InputError if no command is left.
    """
    if options.entrypoint is not None:
        entrypoint: tuple[str, ...] = (options.entrypoint,) if options.entrypoint else ()
        arguments = options.args
    else:
        entrypoint = config.entrypoint
        arguments = options.args or config.cmd
    argv = (*entrypoint, *arguments)
    if not argv:
        raise InputError(NOTHING_TO_RUN)
    if any("\0" in word for word in argv):
        msg = f"the container's command has a NUL byte: {argv!r}"
        raise InputError(msg)
    return argv


def environment(
    config: ImageConfig, options: RunOptions, host: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables: docker's PATH, the image's, then `-e`.

    `-e NAME` takes the host's value, or removes the variable if the host has none. Raises
    InputError.
    """
    outside = os.environ if host is None else host
    variables = {"PATH": DEFAULT_PATH, **config.env}
    for item in options.env:
        key, equals, value = item.partition("=")
        if not key:
            msg = f"-e {item!r}: a variable needs a name"
            raise InputError(msg)
        if equals:
            variables[key] = value
        elif key in outside:
            variables[key] = outside[key]
        else:
            variables.pop(key, None)
    if any("\0" in f"{key}{value}" for key, value in variables.items()):
        msg = "the container's environment has a NUL byte"
        raise InputError(msg)
    return variables


def working_directory(config: ImageConfig) -> str:
    """Return the normalised absolute directory; the runtime creates it if it is missing."""
    return posixpath.normpath(posixpath.join("/", config.working_dir)).replace("//", "/")
