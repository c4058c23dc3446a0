"""`careen fleet export`: the store as Parquet files."""

from pathlib import Path
from typing import Any

import click

from careen.cli.fleet.options import json_option, quiet_option, store_option


@click.command("export", short_help="Write the store as Parquet files.")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@store_option
@quiet_option
@json_option
def command(directory: Path, **given: Any) -> int:
    """Write the tables of the store into DIR as Parquet files, for DuckDB and other tools. An
    earlier export there is replaced. It needs careen[parquet].

    \b
    careen fleet export fleet-today
    duckdb -c "SELECT name, count(*) FROM 'fleet-today/packages.parquet' GROUP BY name"
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.fleet.store.place import store_place
    from careen.pipeline.fleet.export import export
    from careen.report.documents.document import to_json
    from careen.report.terminal_output.figures import counted, size
    from careen.report.terminal_output.screen import shown
    from careen.workload.configuration.project import ProjectConfig

    with open_session(settle.settings(given, ProjectConfig()), given) as run, run.stage("export"):
        done = export(store_place(given["store"]), directory, run)
    if given["as_json"]:
        emit(to_json(done))
    else:
        for each in done.tables:
            line = f"{each.name}  {counted(each.rows, 'row')}, {size(each.bytes)}"
            click.echo(shown(each.name if given["quiet"] else line))
    return 0
