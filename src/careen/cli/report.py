"""`careen report`: a page or a text of a finished run, for people to read."""

from pathlib import Path

import click


@click.command
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "-f",
    "--format",
    "kind",
    type=click.Choice(["html", "md"]),
    default="html",
    show_default=True,
    help="html: one page that needs nothing beside it; md: Markdown for a pull request.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where it goes; default: report.html or report.md in DIR.",
)
def command(directory: Path, kind: str, output: Path | None) -> int:
    """Write what the run that left its report in DIR changed, proved and did not find out.

    \b
    careen report careen-out/my-service-1
    careen report careen-out/my-service-1 -f md -o /dev/stdout
    """
    from careen.pipeline.report import read_report
    from careen.pipeline.run.evidence import renew
    from careen.report.finished import PAGE, TEXT
    from careen.report.output_file import write_output

    facts = read_report(directory)
    if kind == "html":
        from careen.report.finished.page import report_html

        text = report_html(facts)
    else:
        from careen.report.finished.markdown import report_markdown

        text = report_markdown(facts)
    target = output or directory / (PAGE if kind == "html" else TEXT)
    write_output(target, text)
    if target.parent.resolve() == directory.resolve():
        renew(directory, target.name)
    if target.is_file():
        click.echo(f"written: {target}")
    return 0
