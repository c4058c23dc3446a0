"""What the supervisor's listener heard."""

from pathlib import Path


def run():
    print(sorted(set(Path("/tmp/heard").read_text().split())))
