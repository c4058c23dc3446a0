"""`careen report`: a finished run as a page, a text or a document; or two of them compared."""

from collections.abc import Callable
from pathlib import Path

import click


@click.command
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "-f",
    "--format",
    "kind",
    type=click.Choice(["html", "md", "json", "pdf"]),
    default="html",
    show_default=True,
    help=(
        "html: one page that needs nothing beside it; md: Markdown for a pull request; json: for"
        " programs; pdf: the page, printed by Chromium."
    ),
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where it goes; default: report.html, .md, … in DIR, comparison.html, … here.",
)
@click.option(
    "--compare",
    "earlier",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="The report of an earlier run, as of another version of the image: what differs since.",
)
def command(directory: Path, kind: str, output: Path | None, earlier: Path | None) -> int:
    """Write what the run that left its report in DIR changed, proved and did not find out.

    With --compare, write what differs between the results of two runs.

    \b
    careen report careen-out/my-service-1
    careen report careen-out/my-service-1 -f md -o /dev/stdout
    careen report --compare careen-out/my-service-1 careen-out/my-service-2
    """
    from careen.pipeline.run.evidence import refuse_evidence, renew, was_signed
    from careen.report.output_file import check_output_file, descriptor_of, write_output

    own = directory / f"report.{kind}"
    target = output or (own if earlier is None else Path(f"comparison.{kind}"))
    check_output_file(target)
    is_own = earlier is None and _is_at(target, own)
    if not is_own:
        for evidence in filter(None, (directory, earlier)):
            refuse_evidence(evidence, target)
    text = _report(directory, kind) if earlier is None else _comparison(earlier, directory, kind)
    write_output(target, text)
    if is_own:
        renew(directory, own.name)
    if descriptor_of(target) is None and target.is_file():
        click.echo(f"written: {target}")
    for evidence in filter(None, (directory, earlier)):
        if was_signed(evidence, target):
            click.echo(f"{evidence} was signed: sign it again (careen attest)", err=True)
    return 0


def _is_at(path: Path, other: Path) -> bool:
    """Return whether two paths name the same place in the same directory."""
    return path.name == other.name and path.parent.resolve() == other.parent.resolve()


def _report(directory: Path, kind: str) -> bytes:
    from careen.pipeline.report import read_report

    return _renderer(kind)(read_report(directory))


def _renderer(kind: str) -> Callable[..., bytes]:
    if kind == "md":
        from careen.report.finished.markdown import report_markdown

        return report_markdown
    if kind == "json":
        from careen.report.finished.document import report_json

        return report_json
    from careen.report.finished.page import report_html

    return report_html if kind == "html" else lambda facts: _printed(report_html(facts))


def _comparison(earlier: Path, directory: Path, kind: str) -> bytes:
    from careen.pipeline.report import read_report
    from careen.report.comparison.compare import compare_runs

    found = compare_runs(read_report(earlier), read_report(directory))
    if kind == "md":
        from careen.report.comparison.markdown import comparison_markdown

        return comparison_markdown(found)
    if kind == "json":
        from careen.report.documents.document import to_json

        return to_json(found)
    from careen.report.comparison.page import comparison_html

    page = comparison_html(found)
    return page if kind == "html" else _printed(page)


def _printed(page: bytes) -> bytes:
    from careen.report.finished.pdf import report_pdf

    return report_pdf(page)
