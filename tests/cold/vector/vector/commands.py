"""The commands."""

import click


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--kind", default="txt")
@click.option("--store", type=click.Choice(["sqlite", "faiss", "lance", "tantivy"]), default="sqlite")
def add(file, kind: str, store: str) -> None:
    """Add a document."""
    import importlib

    from vector.readers import reader

    importlib.import_module(f"vector.stores.{store}").add(file.name, [reader(kind)(file.read())])
    click.secho("added", fg="green")


@click.command()
@click.argument("text")
@click.option("--store", default="sqlite")
def find(text: str, store: str) -> None:
    """Find documents."""
    import importlib

    for line in importlib.import_module(f"vector.stores.{store}").find(text, 5):
        click.echo(line)


@click.command()
@click.option("--rows", default=100)
def bench(rows: int) -> None:
    """Try the stores."""
    import polars
    import duckdb

    frame = polars.DataFrame({"n": range(rows)})
    with click.progressbar(range(3)) as bar:
        for _ in bar:
            pass
    click.echo(duckdb.sql("select sum(n) from frame").fetchall()[0][0])


@click.command()
def doctor() -> None:
    """What is installed."""
    from importlib.metadata import distributions, entry_points

    click.echo(f"{len({d.name for d in distributions()}) > 50} {len(entry_points()) > 10} {sorted(e.name for e in entry_points(group='vector.readers'))}")
    for item in entry_points(group="vector.readers"):
        try:
            item.load()
        except ImportError as error:
            click.echo(f"{item.name}: {error}", err=True)


@click.command()
@click.argument("source")
@click.argument("target")
def convert(source: str, target: str) -> None:
    """Convert a table from one form to another, by their names."""
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq
    import pyarrow.csv
    import pyarrow.feather

    table = ds.dataset(source, format=source.rpartition(".")[2]).to_table()
    end = target.rpartition(".")[2]
    {"parquet": pq.write_table, "csv": pyarrow.csv.write_csv, "feather": pyarrow.feather.write_feather}[end](table, target)
    click.echo(table.num_rows)


@click.command()
@click.argument("code")
def shell(code: str) -> None:
    """Run code with everything at hand."""
    import code as interactive

    interactive.InteractiveInterpreter({"find": find}).runsource(code)
