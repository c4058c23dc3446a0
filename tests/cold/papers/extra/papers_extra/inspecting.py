"""`papers inspect …`: what a file is made of."""

from pathlib import Path

import typer

app = typer.Typer(help="What a file is made of.")


@app.command()
def pdf(path: Path) -> None:
    """Objects of a PDF."""
    import pikepdf
    from rich.console import Console
    from rich.table import Table

    table = Table(title=path.name)
    table.add_column("object")
    table.add_column("type")
    with pikepdf.open(path) as document:
        for number, thing in enumerate(document.objects):
            table.add_row(str(number), type(thing).__name__)
            if number == 3:
                break
        Console(width=60, color_system=None).print(table, f"pages {len(document.pages)}")


@app.command()
def package(path: Path) -> None:
    """Parts of an office file."""
    from docx.opc.pkgreader import PackageReader

    for part in sorted(part[0] for part in PackageReader.from_file(str(path)).iter_sparts()):
        typer.echo(part)
