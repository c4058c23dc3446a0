"""`careen doctor`: what works on this machine, what does not, and how to get it."""

import sys

import click

from careen.pipeline.doctor import examine_machine
from careen.report.doctor_view import print_doctor
from careen.report.document import to_json
from careen.report.screen import open_console


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else.")
def command(*, as_json: bool) -> int:
    """Check sensors, engines and tools of this machine; exit 1 when careen could not harden an image here."""
    rows, able = examine_machine()
    if as_json:
        sys.stdout.buffer.write(to_json(rows))
    else:
        print_doctor(open_console(sys.stdout), rows)
    return 0 if able else 1
