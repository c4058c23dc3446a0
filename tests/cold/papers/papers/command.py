"""`papers …`: the command line, to which other packages add commands (entry points of the group `papers.commands`)."""

import json
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Documents in, passages out.", pretty_exceptions_show_locals=False)
for _point in entry_points(group="papers.commands"):
    app.add_typer(_point.load(), name=_point.name)


@app.command()
def ingest(paths: list[Path], reader: Annotated[str, typer.Option(help="Which reader.")] = "", quiet: bool = False) -> None:
    """Read files and keep their passages."""
    from rich.progress import track

    from papers import readers, store
    from papers.settings import settings
    from papers.texts import passages

    failed = 0
    for path in track(paths, description="reading", disable=quiet or not sys.stdout.isatty()):
        try:
            chosen, text = readers.read(path.read_bytes(), path.name, reader)
        except Exception as error:  # one file must not end the others
            typer.secho(f"{path.name}: {type(error).__name__}: {str(error)[:100]}", err=True, fg="red")
            failed += 1
            continue
        typer.echo(f"{path.name} {chosen} {store.add(path.name, chosen, passages(text, settings().chunk))}")
    raise typer.Exit(1 if failed else 0)


@app.command()
def find(query: str, index: str = "words", form: Annotated[str, typer.Option(help="json, table or yaml.")] = "table") -> None:
    """Find passages."""
    from papers import indexes, store

    found = indexes.search(query, store.passages(), index, 3)
    if form == "json":
        typer.echo(json.dumps(found, ensure_ascii=False))
    elif form == "yaml":
        import yaml

        typer.echo(yaml.safe_dump(found, allow_unicode=True))
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table("score", "passage")
        for row in found:
            table.add_row(*(str(value) for value in row))
        Console(width=80).print(table)


@app.command()
def readers() -> None:
    """All readers and what they read."""
    from rich.console import Console
    from rich.markdown import Markdown

    from papers import readers as all_readers

    lines = [f"- `{name}`: {target}" for name, target in sorted(all_readers._READERS.items())]
    lines += [f"- `{point.name}`: {point.value}" for point in entry_points(group="papers.readers")]
    Console(width=80, color_system=None).print(Markdown("# Readers\n\n" + "\n".join(lines)))


@app.command()
def timetable() -> None:
    """Run the timetable."""
    from papers.jobs import timetable as jobs

    jobs.run()


@app.command()
def queue(which: str) -> None:
    """Try a small queue."""
    from papers.jobs import small

    typer.echo(json.dumps(small.run(which)))


@app.command()
def check() -> None:
    """Check the installation."""
    from papers.tasks import checks

    for name, said in checks.all_checks().items():
        typer.echo(f"{name}: {said}")


@app.command()
def settings(language: str = "en") -> None:
    """What is set."""
    import locale

    from babel import Locale

    from papers.settings import settings as current

    typer.echo(current().model_dump_json(indent=1, exclude={"settings"}))
    locale.setlocale(locale.LC_ALL, "")
    typer.echo(f"{Locale.parse(language).get_display_name(language)} {locale.format_string('%.2f', 1234.5, grouping=True)}")


if __name__ == "__main__":
    app()
