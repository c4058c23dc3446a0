"""tides NAME [KEY=VALUE …] < numbers"""
import json
import sys

import click


def main():
    import numpy as np

    from importlib.metadata import entry_points

    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__, *sorted(found.name for found in entry_points(group="tides.measures")))
        return
    found = entry_points(group="tides.measures", name=sys.argv[1])
    if not found:
        sys.exit(f"tides: no measure {sys.argv[1]}")
    print(json.dumps(next(iter(found)).load()(np.array(sys.stdin.read().split(), float), **dict(word.split("=") for word in sys.argv[2:]))))


@click.group(name="Tides")
def group():
    """Commands of ours."""


@group.command()
def moon():
    """Say when."""
    click.echo("tides: at night")
