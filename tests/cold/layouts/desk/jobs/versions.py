"""What is installed, as its metadata says; the distribution's packages included."""

from importlib import metadata


def run(*names):
    for name in names:
        try:
            one = metadata.distribution(name)
            print(name, one.version, one.metadata["Summary"], len(one.requires or ()))
        except metadata.PackageNotFoundError:
            print(name, "is not installed")
    print(sorted({point.group for point in metadata.entry_points()} & {"console_scripts", "celery.beat_schedulers", "desk.exporters", "paste.server_runner"}))
    print(sorted(point.name for point in metadata.entry_points(group="paste.server_runner")))
    owners = metadata.packages_distributions()
    print(owners.get("yaml"), owners.get("flask"), owners.get("PIL"))
