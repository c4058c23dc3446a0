"""Dask: threads, processes, a cluster with its page, commands."""

import os
import signal
import subprocess
import sys
import time
import urllib.request


def plain():
    import dask
    import dask.array as da
    import dask.bag as db

    x = da.arange(10000, chunks=1000)
    told = [int(x.sum().compute(scheduler=name)) for name in ("threads", "sync", "processes")]
    told.append(db.from_sequence(["a b", "b c"]).map(str.split).flatten().frequencies().compute(scheduler="sync"))
    from dask.diagnostics import CacheProfiler, Profiler, ProgressBar, ResourceProfiler

    with Profiler() as profiler, ResourceProfiler(dt=0.1), CacheProfiler(), ProgressBar(out=open("bar", "w")):
        dask.delayed(sum)([1, 2]).compute()
    profiler.visualize(filename="profile.html", show=False, save=True)
    x.sum().visualize(filename="graph.svg")
    return [
        told,
        os.path.getsize("profile.html") > 1000,
        "<svg" in open("graph.svg").read(),
        round(float(da.linalg.svd(da.ones((20, 4), chunks=(10, 4)))[1].compute()[0]), 2),
        da.fft.fft(x.rechunk(10000)).shape,
    ]


def frames():
    import dask
    import dask.dataframe as dd
    import pandas as pd

    table = dd.from_pandas(pd.DataFrame({"k": list("abab"), "n": range(4), "t": pd.date_range("2024-01-01", periods=4)}), npartitions=2)
    table.to_parquet("table.parquet")
    table.to_csv("table-*.csv", index=False)
    back = dd.read_parquet("table.parquet")
    with dask.config.set({"dataframe.shuffle.method": "disk" if _has("partd") else "tasks"}):
        shuffled = len(back.set_index("n").compute(scheduler="sync"))
    return [
        back.groupby("k").n.sum().compute(scheduler="sync").to_dict(),
        len(dd.read_csv("table-*.csv")),
        shuffled,
        len(dask.datasets.timeseries(end="2000-01-03").head(3)),
        back.merge(back, on="k").shape[0].compute(scheduler="sync"),
    ]


def _has(name):
    import importlib.util

    return importlib.util.find_spec(name) is not None


def _square(number):
    return number * number


def _fails():
    raise ValueError("on purpose")


def a_cluster():
    import numpy as np
    from dask.distributed import Client, Event, LocalCluster, Lock, Queue, Variable, as_completed, get_task_stream, performance_report

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", memory_limit="600MB") as cluster,
        Client(cluster) as client,
    ):
        told = [sorted(future.result() for future in as_completed(client.map(_square, range(5)))), len(client.ncores())]
        with performance_report(filename="report.html"), get_task_stream(client):
            told.append(int(client.submit(np.sum, client.scatter(np.ones(1000))).result()))
        told.append(os.path.getsize("report.html") > 10000)
        failed = client.submit(_fails)
        told.append([type(failed.exception()).__name__, client.retry([failed]) is None])
        name = Variable("v")
        name.set(3)
        with Lock("l"):
            Queue("q").put(1)
        told += [
            name.get().result() if hasattr(name.get(), "result") else name.get(),
            Event("e").is_set(),
            sorted(client.get_versions(check=False)),
            "cluster" in client._repr_html_().lower(),
        ]
        base = cluster.dashboard_link.rsplit("/", 1)[0]
        for page in (
            "/status",
            "/workers",
            "/tasks",
            "/system",
            "/profile",
            "/graph",
            "/groups",
            "/info/main/workers.html",
            "/info/main/logs.html",
            "/individual-plots.json",
            "/json/counts.json",
            "/health",
            "/metrics",
            "/statics/css/base.css",
            "/static/js/bokeh.min.js",
            "/individual-progress",
        ):
            try:
                told.append(f"{page} {urllib.request.urlopen(base + page, timeout=60).status}")
            except urllib.error.HTTPError as error:
                told.append(f"{page} {error.code}")
        cluster.scale(3)
        client.wait_for_workers(3)
        told.append(len(client.scheduler_info()["workers"]) == 3)
        import dask.dataframe as dd
        import pandas as pd

        table = dd.from_pandas(pd.DataFrame({"k": list("abab") * 5, "n": range(20)}), npartitions=4)
        told.append(len(table.shuffle("k").compute()))

        class Counter:
            def __init__(self):
                self.n = 0

            def add(self):
                self.n += 1
                return self.n

        actor = client.submit(Counter, actor=True).result()
        told.append(actor.add().result())
    return told


def protocols():
    from distributed.protocol import deserialize, serialize
    from distributed.protocol.compression import compressions

    import numpy as np
    import pandas as pd
    import scipy.sparse

    told = [sorted(str(name) for name in compressions)]
    for value in (np.arange(5), pd.DataFrame({"a": [1]}), scipy.sparse.eye(3).tocsr(), b"x" * 10):
        told.append(type(deserialize(*serialize(value))).__name__)
    import h5py

    with h5py.File("x.h5", "w") as file:
        file["x"] = [1, 2]
    with h5py.File("x.h5", "r") as file:
        told.append(deserialize(*serialize(file["x"])).shape)
    return told


def settings():
    import dask
    import distributed  # noqa: F401

    told = [dask.config.get("distributed.comm.timeouts.connect"), dask.config.get("array.chunk-size")]
    with dask.config.set({"distributed.worker.memory.target": 0.5}):
        told.append(dask.config.get("distributed.worker.memory.target"))
    done = subprocess.run(["dask", "config", "get", "distributed.scheduler.allowed-failures"], capture_output=True, text=True, check=True)
    return [*told, done.stdout.strip()]


def commands():
    from dask.distributed import Client

    scheduler = subprocess.Popen(
        ["dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", "here.json", "--no-dashboard"], stderr=subprocess.DEVNULL
    )
    worker = None
    try:
        for _ in range(200):
            if os.path.exists("here.json"):
                break
            time.sleep(0.2)
        worker = subprocess.Popen(
            ["dask", "worker", "--scheduler-file", "here.json", "--nthreads", "1", "--nworkers", "1", "--no-dashboard"], stderr=subprocess.DEVNULL
        )
        with Client(scheduler_file="here.json", timeout=60) as client:
            told = [client.submit(sum, [1, 2, 3]).result(timeout=60)]
    finally:
        for one in (worker, scheduler):
            if one:
                one.send_signal(signal.SIGTERM)
                one.wait(40)
    return [*told, subprocess.run([sys.executable, "-m", "distributed.cli.dask_spec", "--spec", "nothing"], capture_output=True, check=False).returncode != 0]
