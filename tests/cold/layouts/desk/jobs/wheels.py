"""Libraries in wheels that nobody unpacked: each is an archive on the path."""

import sys
from importlib import metadata, resources
from pathlib import Path

FOLDER = Path("/opt/wheels")


def run():
    sys.path[:0] = [str(path) for path in sorted(FOLDER.glob("*.whl"))]
    import rates
    import tabulate

    print(tabulate.tabulate(rates.table(), headers="keys", tablefmt="github"))
    print(metadata.version("rates"), metadata.version("tabulate"), rates.__loader__.__class__.__name__)
    with resources.as_file(resources.files("rates").joinpath("data")) as folder:
        print(sorted(path.name for path in folder.iterdir()))
