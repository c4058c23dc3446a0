"""Statistics, explanations and the like, each imported when asked for."""
import numpy as np

from tabular.data import data


def run(what, asked):
    return globals()[f"_{what}"](**asked) + "\n"


def _ols(formula="z ~ a + np.log1p(abs(b))"):
    import pandas as pd
    import statsmodels.formula.api as smf

    X, y, z = data()
    fitted = smf.ols(formula, pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": y, "z": z})).fit()
    return str(fitted.params.round(2).to_dict()) + str(fitted.summary().as_html()[:20])


def _arima(order=(1, 0, 1)):
    from statsmodels.tsa.arima.model import ARIMA

    series = np.sin(np.arange(80) / 5)
    return str(len(ARIMA(series, order=tuple(order)).fit().forecast(3)))


def _season():
    from statsmodels.tsa.seasonal import STL

    return str(round(float(STL(np.sin(np.arange(96) / 12 * 2 * np.pi), period=12).fit().seasonal.max()), 1))


def _mixed():
    import pandas as pd
    import statsmodels.formula.api as smf

    X, _, z = data()
    return str(smf.mixedlm("z ~ a", pd.DataFrame({"z": z, "a": X[:, 0], "g": np.arange(len(z)) % 6}), groups="g").fit(method="powell").params.round(0).to_dict()["a"])


def _explain(kind="tree"):
    import shap
    from sklearn.ensemble import GradientBoostingRegressor
    from sklearn.linear_model import LinearRegression

    X, _, z = data()
    if kind == "tree":
        return str(np.shape(shap.TreeExplainer(GradientBoostingRegressor(n_estimators=5).fit(X, z)).shap_values(X[:5])))
    if kind == "linear":
        return str(np.shape(shap.LinearExplainer(LinearRegression().fit(X, z), X).shap_values(X[:5])))
    return str(np.shape(shap.KernelExplainer(LinearRegression().fit(X, z).predict, X[:10]).shap_values(X[:2], silent=True)))


def _optimise(method="SLSQP"):
    from scipy.optimize import differential_evolution, linprog, milp, minimize

    found = [minimize(lambda x: (x[0] - 1) ** 2 + x[1] ** 2, [0, 0], method=method).x.round(1).tolist()]
    found.append(linprog([-1, -2], [[1, 1]], [4], method="highs").fun)
    found.append(milp([-1.0, -1.0], integrality=[1, 1], bounds=(0, 2.5)).fun)
    found.append(round(float(differential_evolution(lambda x: float(x[0] ** 2), [(-1, 2)], seed=1).fun), 2))
    return str(found)


def _signals():
    from scipy import fft, integrate, interpolate, ndimage, signal, sparse, spatial, special
    from scipy.io import wavfile  # noqa: F401
    from scipy.sparse import linalg

    matrix = sparse.diags([1, -2, 1], [-1, 0, 1], shape=(20, 20)).tocsc()
    return " ".join(
        str(item)
        for item in (
            len(signal.butter(4, 0.2, output="sos")),
            round(abs(fft.rfft(np.ones(8))[0]), 1),
            round(integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0], method="LSODA").y[0, -1], 1),
            round(float(interpolate.PchipInterpolator([0, 1, 2], [0, 1, 4])(1.5)), 1),
            ndimage.gaussian_filter(np.eye(5), 1).shape,
            round(float(linalg.eigsh(matrix, k=1)[0][0]), 1),
            round(float(linalg.spsolve(matrix, np.ones(20))[0]), 1),
            len(spatial.ConvexHull(np.random.default_rng(0).random((12, 2))).vertices) > 2,
            len(spatial.Delaunay([[0, 0], [1, 0], [0, 1], [1, 1]]).simplices),
            round(float(special.gammaln(10)), 1),
        )
    )


def _polars(columns=3):
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv, dataset, flight, fs, substrait  # noqa: F401

    table = pa.table({f"c{n}": list(range(5)) for n in range(columns)})
    dataset.write_dataset(table, "/tmp/set", format="parquet", partitioning=["c0"], existing_data_behavior="delete_matching")
    read = dataset.dataset("/tmp/set", partitioning=["c0"]).to_table(filter=pc.field("c1") > 2)
    return f"{read.num_rows} rows, {fs.LocalFileSystem().type_name}, {table.group_by('c0').aggregate([('c1', 'sum')]).num_rows}"


def _engines(engine="duckdb"):
    import importlib

    return str(importlib.import_module(f"tabular.engines.{engine}").total([1, 2, 3]))


def _tune():
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(storage="sqlite:////tmp/study.db", sampler=optuna.samplers.QMCSampler(seed=1), load_if_exists=True, study_name="s")
    study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=4)
    return f"{len(study.trials) >= 4} {study.best_value < 1}"


def _cluster():
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory="/tmp/dask") as cluster, Client(cluster) as client:
        return str(sum(client.gather(client.map(abs, range(-4, 0)))))


def _odbc(source="scores", query="select 1 + 1"):
    import pyodbc

    with pyodbc.connect(f"DSN={source}", timeout=3) as connection:
        return f"{connection.execute(query).fetchone()[0]} {sorted(pyodbc.drivers())}"


def _slug(text="Ærøskøbing"):
    import shortuuid
    import unidecode

    return f"{unidecode.unidecode(text)} {len(shortuuid.uuid())}"


def _files(address="memory://x.csv"):
    import pandas as pd

    pd.DataFrame({"a": [1, 2]}).to_csv("memory://x.csv", index=False)
    pd.DataFrame({"a": [1, 2]}).to_csv("/tmp/x.csv.zip", index=False)
    return str(pd.read_csv(address).shape)
