"""Pipelines by name."""
from kedro.pipeline import node, pipeline


def series(days):
    import numpy as np
    import pandas as pd

    return pd.DataFrame({"day": pd.date_range("2026-01-01", periods=days), "level": np.sin(np.arange(days) / 5) + np.arange(days) // 30})


def measured(frame, names):
    from importlib.metadata import entry_points

    return {name: str(next(iter(entry_points(group="tides.measures", name=name))).load()(frame["level"].to_numpy()))[:40] for name in names}


def register_pipelines():
    start = pipeline([node(series, "params:days", "tide_csv", name="series")])
    plain = start + pipeline([node(measured, ["tide_csv", "params:steps"], "said_yaml", name="measured")])
    same = lambda data: data  # noqa: E731
    forms = start
    for form in ("parquet", "excel", "json", "feather", "pickle", "own"):
        forms += pipeline([node(same, "tide_csv", f"tide_{form}", name=f"to_{form}")])
    lazy = start + pipeline([node(lambda data: __import__("polars").from_pandas(data), "tide_csv", "tide_lazy", name="to_lazy")])
    return {"__default__": plain, "plain": plain, "forms": forms, "lazy": lazy}
