"""make.py FOLDER: the models that the service knows, from invented data."""
import pickle
import sys
from pathlib import Path

import joblib
import numpy as np

sys.path.insert(0, "/srv")
from tabular.data import data


def sklearn_models():
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.decomposition import KernelPCA
    from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest, RandomForestClassifier, StackingClassifier
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PowerTransformer, SplineTransformer, StandardScaler
    from sklearn.svm import SVC
    from tabular.features import Ratios

    return {
        "forest": RandomForestClassifier(20, random_state=0),
        "svm": make_pipeline(StandardScaler(), SVC(probability=True, random_state=0)),
        "neighbours": make_pipeline(PowerTransformer(), KNeighborsClassifier(algorithm="ball_tree")),
        "boosted": HistGradientBoostingClassifier(max_iter=20, random_state=0),
        "network": make_pipeline(Ratios(), MLPClassifier((8,), max_iter=40, random_state=0)),
        "stack": StackingClassifier([("nb", GaussianNB()), ("lr", LogisticRegression())], final_estimator=LogisticRegression()),
        "calibrated": CalibratedClassifierCV(make_pipeline(ColumnTransformer([("s", SplineTransformer(), [0, 1])], remainder="passthrough"), LogisticRegression(max_iter=500))),
        "outliers": IsolationForest(random_state=0),
        "kernel": make_pipeline(KernelPCA(3, kernel="rbf"), LogisticRegression()),
        "process": GaussianProcessRegressor(),
        "target": TransformedTargetRegressor(RidgeCV(), transformer=StandardScaler()),
    }


def main(folder):
    import warnings

    warnings.simplefilter("ignore")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    X, y, z = data()
    for name, model in sklearn_models().items():
        model.fit(X, z if name in ("process", "target") else y)
        joblib.dump(model, folder / f"{name}.joblib", compress=("lzma", 3) if name == "svm" else ("bz2", 3) if name == "boosted" else 3)
    import lightgbm
    import xgboost

    booster = xgboost.XGBClassifier(n_estimators=10, max_depth=3).fit(X, y)
    booster.save_model(folder / "xgb.ubj")
    booster.save_model(folder / "xgb.json")
    (folder / "lgb.pkl").write_bytes(pickle.dumps(lightgbm.LGBMClassifier(n_estimators=10, verbose=-1).fit(X, y), protocol=2))
    joblib.dump(lightgbm.LGBMRegressor(n_estimators=10, verbose=-1).fit(X, z), folder / "lgbr.joblib")
    import category_encoders
    import pandas as pd
    from imblearn.ensemble import BalancedRandomForestClassifier
    from sklearn.pipeline import make_pipeline

    joblib.dump(BalancedRandomForestClassifier(5, random_state=0).fit(X, y), folder / "balanced.joblib", compress=("gzip", 3))
    encoder = category_encoders.TargetEncoder(cols=["a"]).fit(pd.DataFrame({"a": ["x", "y"] * 120}), y)
    joblib.dump(encoder, folder / "encoder.joblib", compress=("lz4", 3))
    import mlflow.pyfunc
    import mlflow.xgboost

    mlflow.xgboost.save_model(booster, folder / "registered" / "trees")
    from statsmodels.api import GLM, add_constant, families

    GLM(y, add_constant(X), family=families.Binomial()).fit().save(folder / "glm.pkl")
    from scipy.interpolate import RBFInterpolator

    (folder / "surface.pkl").write_bytes(pickle.dumps(RBFInterpolator(X[:50], z[:50])))
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    (folder / "linear.onnx").write_bytes(to_onnx(pipeline, X[:1].astype(np.float32)).SerializeToString())
    print(f"{len(list(folder.iterdir()))} models in {folder}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "/tmp/models")
