"""What dagster runs."""

import os
import subprocess
from pathlib import Path

import dagster as dg

from lake.work import done


class Work(dg.Config):
    what: str = "query"
    given: dict[str, str] = {"sql": "select 42"}


@dg.asset
def cup() -> int:
    return 42


@dg.asset(partitions_def=dg.DailyPartitionsDefinition("2026-11-01"))
def daily(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"day": context.partition_key, "table": dg.MetadataValue.md("| a |\n|---|\n| 1 |")})


@dg.asset_check(asset=cup)
def full(cup: int) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=cup == 42)


@dg.op
def one(context: dg.OpExecutionContext, config: Work) -> None:
    context.log.info("done: %s", done(config.what, dict(config.given)))


@dg.op(retry_policy=dg.RetryPolicy(max_retries=1, delay=0.2))
def never(context: dg.OpExecutionContext) -> None:
    raise dg.Failure("no milk", metadata={"wanted": 3})


@dg.op
def transform(context: dg.OpExecutionContext) -> None:
    argv = ["dbt", "--no-use-colors", "build", "--project-dir", "/srv/lake/dbt", "--profiles-dir", "/etc/lake"]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, "DBT_TARGET_PATH": "/tmp/target"})
    context.log.info(ended.stdout[-2000:])
    if ended.returncode:
        raise dg.Failure(ended.stdout[-500:])


@dg.job
def work() -> None:
    one()


@dg.job(executor_def=dg.multiprocess_executor.configured({"max_concurrent": 1}))
def apart() -> None:
    one()


@dg.job
def broken() -> None:
    never()


@dg.job
def transformed() -> None:
    transform()


@dg.schedule(cron_schedule="*/5 * * * *", job=work, execution_timezone="Europe/Amsterdam")
def often() -> dict[str, object]:
    return {}


@dg.sensor(job=work, minimum_interval_seconds=30)
def arrivals() -> object:
    for path in Path("/tmp/in").glob("*"):
        yield dg.RunRequest(run_key=path.name)


defs = dg.Definitions(
    [cup, daily],
    asset_checks=[full],
    jobs=[work, apart, broken, transformed, dg.define_asset_job("all_cups", "cup")],
    schedules=[often],
    sensors=[arrivals],
)
