"""Loads by dlt: sources and destinations by name."""

from typing import Any


def work(destination: str = "duckdb", form: str = "", disposition: str = "append", source: str = "rows", **more: str) -> Any:
    import dlt

    pipeline = dlt.pipeline("lake", destination=_destination(destination), dataset_name="raw", pipelines_dir="/tmp/pipelines")
    info = pipeline.run(globals()[f"_{source}"](**more), write_disposition=disposition, **({"loader_file_format": form} if form else {}))
    return sorted(f"{job.job_file_info.table_name}.{job.job_file_info.file_format} {job.state}" for package in info.load_packages for jobs in package.jobs.values() for job in jobs if not job.job_file_info.table_name.startswith("_"))


def _destination(name: str) -> Any:
    import dlt

    if name == "duckdb":
        return dlt.destinations.duckdb("/tmp/loaded.duckdb")
    if name == "filesystem":
        return dlt.destinations.filesystem("file:///tmp/raw")
    return name


def _rows(**_: str) -> Any:
    import dlt

    @dlt.resource(name="cups", primary_key="id")
    def cups() -> Any:
        yield [{"id": 1, "what": "tea", "parts": [{"leaf": "green"}]}, {"id": 2, "what": "coffee", "when": "2026-01-02T03:04:05Z"}]

    return cups


def _api(base: str, **_: str) -> Any:
    from dlt.sources.rest_api import rest_api_source

    return rest_api_source({"client": {"base_url": base}, "resources": ["cups"]})


def _files(url: str = "file:///srv/lake/dbt/seeds", **_: str) -> Any:
    from dlt.sources.filesystem import filesystem, read_csv

    return (filesystem(url, file_glob="*.csv") | read_csv()).with_name("seeds")


def _tables(link: str, **_: str) -> Any:
    from dlt.sources.sql_database import sql_database

    return sql_database(link)
