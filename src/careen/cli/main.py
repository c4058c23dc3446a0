"""The command `careen`: its commands, signals, and the output of errors."""

import errno
import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from itertools import takewhile
from types import FrameType

import click

from careen import __version__
from careen.cli.standard_streams import STANDARD_OUTPUT, open_standard_streams
from careen.errors import CareenError

VERBS = {  # in the order of first use, each with its summary in `careen --help`
    "init": "Write a first careen.toml for an image, a Dockerfile or a compose file.",
    "harden": "Profile, remove, verify, and only then tag: the whole chain.",
    "patch": "Upgrade what is vulnerable, test, and only then tag.",
    "ci": "The one step of a pipeline: do only what has changed, and judge.",
    "watch": "One pass over a list of images: harden again what has changed.",
    "scan": "List the vulnerabilities of an image, most important first.",
    "profile": "Run the workloads and write what they used (the RBOM).",
    "plan": "Decide from an RBOM what stays and what goes; write a plan.",
    "strip": "Apply a plan to an image; run no workload.",
    "rules": "List the rules by which paths are kept, and what each did in a plan.",
    "why": "Say why a path or a package is kept or removed, or all about one vulnerability.",
    "ignore": "Propose an exception for a vulnerability, or prune a list of them.",
    "report": "Write a finished run as one page, Markdown, JSON or PDF; compare two.",
    "comply": "Check images against CIS, STIG and other frameworks, with evidence.",
    "policy": "Write what an image may do at run time: seccomp, docker, Kubernetes and others.",
    "guard": "Watch a running container for what its RBOM does not have.",
    "attest": "Sign what a finished run says of its result (in-toto, by cosign).",
    "verify-evidence": "Check the signed evidence of a run.",
    "evidence": "Hand over the evidence of a run as one archive.",
    "history": "List what was done to an image, and check the record.",
    "base": "Build base images from the catalog, prove that they drop in, keep them fresh.",
    "diff": "Show what differs between two images.",
    "fleet": "Many images: ask which have something, and fix them in waves.",
    "db": "Build and maintain the advisory database.",
    "doctor": "Check what works on this machine, and clean up.",
    "completion": "Print the completion script of a shell.",
    "help": "Print the help of a verb.",
}
SIGNALLED = 128
LONGEST = 4000  # characters of an error message
_COLLECTIONS = (20_000, 50, 100)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Verbs(click.Group):
    """Command group that imports a command's module on use."""

    # the signature of click
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands."""
        return list(VERBS)

    # the signature of click
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands with their summaries."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    # the signature of click
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command by its name, or None."""
        if cmd_name not in VERBS:
            return None
        module = __import__(f"careen.cli.verbs.{cmd_name.replace('-', '_')}", fromlist=["command"])
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command of the arguments; suggest another for an unknown name."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            from careen.cli.unknown_verb import advice

            raise click.UsageError(f"no command {name!r}{advice(name, VERBS)}", ctx)
        return super().resolve_command(ctx, args)


@click.command(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, "-V", "--version", message="careen %(version)s")
@click.option(
    "-v",
    "--verbose",
    count=True,
    expose_value=False,
    help="Twice (-vv): show a traceback when something fails.",
)
@click.pass_context
def group(ctx: click.Context) -> None:
    """Make container images of AI and LLM workloads safe to run.

    careen watches a container do its real work, keeps what that work needs, removes what is
    confirmed unused, and proves the result with your own tests before anything gets the tag.

    \b
    careen harden IMAGE -t TAG --test 'pytest -q'     the whole chain
    careen patch IMAGE -t TAG --test 'pytest -q'      upgrade what is vulnerable
    careen why IMAGE /usr/bin/gcc                     why a path is kept or removed
    careen doctor                                     what works on this machine
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(1)


class _Ended(BaseException):
    """A signal that ends careen, raised as an exception so that every `finally` runs."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _end(number: int, _frame: FrameType | None) -> None:
    for other in _SIGNALS:  # a second signal must not interrupt the cleanup
        signal.signal(other, _ignore)
    raise _Ended(number)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Ignore a signal in this process only; children would inherit SIG_IGN."""


def main() -> None:
    """Run the command line. Exit status: docs/exit-codes.md."""
    open_standard_streams()
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, _end)
    # Documents of images have hundred thousands of objects and no cycles. Looking for these as
    # often as Python does by itself takes a quarter of the time of reading one.
    gc.set_threshold(*_COLLECTIONS)
    verbose = _verbosity(sys.argv[1:])
    try:
        status = group.main(prog_name="careen", standalone_mode=False)
    except _Ended as ended:
        _fail(
            ended,
            f"{'interrupted' if ended.number == signal.SIGINT else 'terminated'}; what was not"
            " finished is removed",
            verbose,
        )
        status = SIGNALLED + ended.number
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        status = 1
    except click.ClickException as error:
        _fail(error, error.format_message().rstrip(".") + _help_of(error), verbose)
        status = 1
    except CareenError as error:
        _fail(error, str(error), verbose)
        status = error.exit_status
    except BrokenPipeError:
        # The reader of the output is gone (`careen plan … | head`), which is no error.
        _drop_output()
        status = 1
    except OSError as error:
        if error.filename == STANDARD_OUTPUT:
            _drop_output()
        where = f": {error.filename}" if error.filename else ""
        _fail(error, f"{error.strerror or error}{where}{_advice(error)}", verbose)
        status = 1
    # one line for the user, the rest for -vv
    except Exception as error:  # noqa: BLE001
        _fail(
            error,
            f"internal error: {type(error).__name__}: {error}; run again as `careen -vv …` and"
            " report what it shows",
            verbose,
        )
        status = 1
    sys.exit(status if isinstance(status, int) else 0)


def _drop_output() -> None:
    """Let Python write what is left for standard output to /dev/null when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _advice(error: OSError) -> str:
    """Return what to do about a failure of the system, or ""."""
    if error.errno == errno.ENOSPC and error.filename == STANDARD_OUTPUT:
        return "; free some room where it goes, or send it elsewhere"
    if error.errno == errno.ENOSPC:
        return "; free some room, or name another work directory with --work-dir"
    if error.errno in (errno.EACCES, errno.EPERM) and os.geteuid() != 0:
        return (
            f"; this user (uid {os.geteuid()}) may not use it: name another one, or let its owner"
            " change its mode"
        )
    return ""


def _verbosity(arguments: Sequence[str]) -> int:
    """Return how often -v stands before the command, where it is careen's own option."""
    own = takewhile(lambda argument: argument.startswith("-"), arguments)
    return sum(
        1 if argument == "--verbose" else len(argument) - 1
        for argument in own
        if argument == "--verbose" or argument.rstrip("v") == "-"
    )


def _help_of(error: click.ClickException) -> str:
    """Return where the help of the failed command is, or ""."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"; see `{context.command_path} --help`" if context is not None else ""


def _fail(error: BaseException, message: str, verbose: int) -> None:
    """Print an error and its notes in one line, after the traceback with -vv."""
    if verbose > 1:
        traceback.print_exc()
    notes = [line for note in getattr(error, "__notes__", ()) for line in note.splitlines()]
    line = "careen: " + _harmless(
        " ".join((*message.splitlines(), *(f"(also: {note})" for note in notes)))
    )
    sys.stderr.write(f"\x1b[31m{line}\x1b[0m\n" if _in_colour() else f"{line}\n")


def _in_colour() -> bool:
    """Return whether the error is printed in red, by the same rules as `report.screen`."""
    return (
        sys.stderr.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") not in ("dumb", None)
    )


def _harmless(text: str) -> str:
    """Escape control characters and limit the length of a message."""
    # It may name a path of the image, or a media type of a megabyte.
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text[:LONGEST]
    ) + "…" * (len(text) > LONGEST)
