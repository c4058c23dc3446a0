"""Atlas' commands.

Usage:
  atlas count FILE [--format=NAME]
  atlas convert FILE TO [--to=NAME]
  atlas facts [--at=URI]
  atlas plugins KIND
  atlas (-h | --help | --version)

Options:
  --format=NAME  The notation; guessed by the file's name without it.
  --to=NAME      What it becomes [default: nt].
  --at=URI       Where the facts are [default: memory://].
"""
import sys


def main():
    from docopt import docopt
    from importlib.metadata import version

    given = docopt(__doc__, version=version("atlas"))
    import rdflib

    if given["count"] or given["convert"]:
        graph = rdflib.Graph().parse(given["FILE"], format=given["--format"])
        if given["count"]:
            print(len(graph))
        else:
            graph.serialize(given["TO"], format=given["--to"])
    elif given["facts"]:
        from atlas.facts import database

        with database(given["--at"]).transaction() as connection:
            print(len(connection.root().get("facts", ())))
    else:
        import rdflib.plugin

        kind = getattr(__import__({"Parser": "rdflib.parser", "Serializer": "rdflib.serializer", "Store": "rdflib.store"}[given["KIND"]], fromlist=["x"]), given["KIND"])
        for plugin in sorted(rdflib.plugin.plugins(None, kind), key=lambda one: one.name):
            try:
                print(plugin.name, plugin.getClass().__name__)
            except Exception as error:
                print(plugin.name, type(error).__name__, error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
