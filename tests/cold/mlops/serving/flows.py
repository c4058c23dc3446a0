"""What runs at night: a flow that scores a table."""

import pandas as pd
from prefect import flow, task
from prefect.logging import get_run_logger


@task(retries=1, retry_delay_seconds=0)
def rows(source: str) -> pd.DataFrame:
    return pd.read_csv(source)


@task
def scored(table: pd.DataFrame) -> int:
    import mlflow

    return int(mlflow.pyfunc.load_model("models:/churn@champion").predict(table.drop(columns=["left", "worth"])).sum())


@flow(name="nightly")
def nightly(source: str = "/srv/platform/data/customers.csv") -> int:
    leaving = scored(rows(source))
    get_run_logger().info("%d will leave", leaving)
    return leaving


if __name__ == "__main__":
    nightly()
