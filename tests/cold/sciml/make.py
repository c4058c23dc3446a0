"""What an older service left: models and tables, pickled in every protocol. Run once, as the image is built."""

import contextlib
import pickle
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import date, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from uuid import UUID
from zoneinfo import ZoneInfo

import joblib
import numpy as np
import pandas as pd
import scipy.interpolate
import scipy.io
import scipy.io.wavfile
import scipy.sparse

folder = Path(sys.argv[1])
folder.mkdir()


def kept(name: str, value: object, protocol: int) -> None:
    (folder / f"{name}.p{protocol}").write_bytes(pickle.dumps(value, protocol))


def main() -> None:
    import astropy.coordinates
    import astropy.table
    import astropy.time
    import astropy.units
    import Bio.Phylo
    import Bio.SeqIO
    import networkx
    import pint
    import shapely
    import sympy
    import xarray
    from rdkit import Chem
    from sklearn import (
        cluster,
        decomposition,
        ensemble,
        feature_extraction,
        gaussian_process,
        impute,
        linear_model,
        naive_bayes,
        neighbors,
        pipeline,
        preprocessing,
        svm,
        tree,
    )

    random = np.random.default_rng(1)
    x, y = random.normal(size=(60, 4)), np.arange(60) % 3
    models = {
        "forest": ensemble.RandomForestClassifier(5, random_state=1),
        "boosted": ensemble.HistGradientBoostingRegressor(max_iter=5),
        "chain": pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.PowerTransformer(), svm.SVC()),
        "nearest": neighbors.KNeighborsRegressor(3),
        "topics": decomposition.PCA(2),
        "bayes": naive_bayes.GaussianNB(),
        "gauss": gaussian_process.GaussianProcessRegressor(),
        "tree": tree.DecisionTreeRegressor(max_depth=3),
        "lasso": linear_model.LassoCV(cv=3),
        "groups": cluster.MiniBatchKMeans(2, n_init=1, random_state=1),
    }
    for name, model in models.items():
        kept(name, model.fit(x, y), 2)
    kept("words", feature_extraction.text.TfidfVectorizer().fit(["a cup of tea", "a pot of tea"]), 4)
    kept("spline", scipy.interpolate.CubicSpline([0, 1, 2], [0, 1, 4]), 2)
    kept("random", np.random.Generator(np.random.Philox(5)), 2)
    many = {
        "table": pd.DataFrame(
            {"a": [1, 2], "b": pd.Categorical(["x", "y"]), "c": pd.to_datetime(["2024-01-01", None]), "d": pd.array([1, None], dtype="Int64")}
        ),
        "series": pd.Series([1.5], index=pd.MultiIndex.from_tuples([("a", 1)])),
        "times": pd.date_range("2024-01-01", periods=3, freq="ME", tz="Europe/Berlin"),
        "array": np.arange(6).reshape(2, 3),
        "record": np.array([(1, "a")], dtype=[("n", "i4"), ("t", "U3")]),
        "masked": np.ma.masked_greater([1, 5], 3),
        "sparse": scipy.sparse.random(5, 5, 0.5, "csr", random_state=1),
        "quantity": 3 * astropy.units.km,
        "time": astropy.time.Time("2020-01-01"),
        "sky": astropy.coordinates.SkyCoord(1, 2, unit="deg"),
        "catalogue": astropy.table.QTable({"a": [1] * astropy.units.m}),
        "graph": networkx.path_graph(3),
        "formula": sympy.sin(sympy.Symbol("x")) ** 2,
        "matrix": sympy.Matrix([[1, 2]]),
        "place": shapely.Point(1, 2),
        "dataset": xarray.Dataset({"a": ("t", [1, 2])}),
        "record_of_genes": next(Bio.SeqIO.parse(__import__("io").StringIO(">a\nACGT\n"), "fasta")),
        "phylogeny": Bio.Phylo.read(__import__("io").StringIO("(a,b);"), "newick"),
        "standard": [
            Decimal("1.1"),
            Fraction(1, 3),
            OrderedDict(a=1),
            defaultdict(list),
            deque([1]),
            Counter("ab"),
            UUID(int=5),
            PurePosixPath("/a"),
            date(2024, 1, 1),
            timezone(timedelta(hours=2)),
            ZoneInfo("Asia/Tokyo"),
            range(3),
            1j,
            ...,
        ],
    }
    for name, value in many.items():
        for protocol in (0, 2, 5):
            with contextlib.suppress(TypeError, NotImplementedError):  # some know only the newer ones
                kept(name, value, protocol)
    kept("molecule", Chem.MolFromSmiles("CCO"), 4)
    kept("measure", pint.UnitRegistry().Quantity(3, "m"), 4)
    joblib.dump(models, folder / "models.joblib")
    for kind in ("zlib", "gzip", "bz2", "lzma", "xz"):
        joblib.dump(many["table"], folder / f"table.joblib.{kind}", compress=(kind, 3))
    np.save(folder / "a.npy", np.arange(5))
    np.savez_compressed(folder / "a.npz", a=np.arange(3), b=np.ones(2))
    np.save(folder / "objects.npy", np.array([Decimal(1), "ä"], dtype=object))
    scipy.sparse.save_npz(folder / "s.npz", many["sparse"])
    scipy.io.savemat(folder / "m.mat", {"a": np.eye(2), "t": "text"})
    scipy.io.mmwrite(folder / "m.mtx", many["sparse"])
    scipy.io.wavfile.write(folder / "w.wav", 8000, np.zeros(10, "i2"))


if __name__ == "__main__":
    main()
