"""Curves ahead: gluonts with torch and without, sktime's forecasters and sets, CatBoost in its forms."""

import os

import numpy as np


def gluonts_nets() -> object:
    import logging

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    import torch
    from gluonts.dataset.common import ListDataset
    from gluonts.evaluation import Evaluator, make_evaluation_predictions
    from gluonts.torch import DeepAREstimator, PatchTSTEstimator, SimpleFeedForwardEstimator

    torch.manual_seed(0)
    rows = ListDataset([{"start": "2024-01-01", "target": np.sin(np.arange(80) / 4) + n} for n in range(4)], freq="D")
    out = []
    more = {"max_epochs": 1, "enable_progress_bar": False, "logger": False, "enable_model_summary": False, "accelerator": "cpu"}
    for name, made in (
        ("mlp", SimpleFeedForwardEstimator(prediction_length=5, batch_size=4, num_batches_per_epoch=2, trainer_kwargs=more)),
        ("deepar", DeepAREstimator(freq="D", prediction_length=5, batch_size=4, num_batches_per_epoch=2, trainer_kwargs=more)),
        ("patch", PatchTSTEstimator(prediction_length=5, context_length=16, patch_len=4, batch_size=4, num_batches_per_epoch=2, trainer_kwargs=more)),
    ):
        predictor = made.train(rows)
        forecasts, series = make_evaluation_predictions(rows, predictor, num_samples=10)
        forecasts = list(forecasts)
        out.append((name, forecasts[0].mean.shape))
    figures, _ = Evaluator(num_workers=0)(list(series), forecasts)
    from pathlib import Path

    from gluonts.model.predictor import Predictor

    os.mkdir("kept")
    predictor.serialize(Path("kept"))
    return out, sorted(figures)[:2], type(Predictor.deserialize(Path("kept"))).__name__


def gluonts_others() -> object:
    import pandas as pd
    from gluonts.dataset.pandas import PandasDataset
    from gluonts.dataset.repository import dataset_names
    from gluonts.model.npts import NPTSPredictor
    from gluonts.model.seasonal_naive import SeasonalNaivePredictor
    from gluonts.time_feature import time_features_from_frequency_str

    rows = PandasDataset(pd.DataFrame({"target": np.arange(30.0)}, index=pd.period_range("2024-01-01", periods=30, freq="D")))
    out = [
        next(iter(model.predict(rows))).mean.shape
        for model in (SeasonalNaivePredictor(prediction_length=4, season_length=7), NPTSPredictor(prediction_length=4))
    ]
    out.append(len(dataset_names) > 10)
    out.append([item.__name__ for item in time_features_from_frequency_str("h")])
    for name in ("prophet", "r_forecast"):
        try:
            __import__(f"gluonts.ext.{name}", fromlist=["x"])
            out.append((name, "there"))
        except Exception as error:
            out.append((name, type(error).__name__))
    return out


def sktime_forecasts() -> object:
    from sktime.datasets import load_airline, load_lynx, load_shampoo_sales
    from sktime.forecasting.base import ForecastingHorizon
    from sktime.forecasting.compose import TransformedTargetForecaster, make_reduction
    from sktime.forecasting.naive import NaiveForecaster
    from sktime.forecasting.trend import PolynomialTrendForecaster
    from sktime.performance_metrics.forecasting import mean_absolute_percentage_error
    from sktime.split import temporal_train_test_split
    from sktime.transformations.series.difference import Differencer
    from sklearn.linear_model import LinearRegression

    rows = load_airline()
    train, test = temporal_train_test_split(rows, test_size=12)
    ahead = ForecastingHorizon(test.index, is_relative=False)
    out = []
    for model in (
        NaiveForecaster(sp=12),
        PolynomialTrendForecaster(degree=2),
        make_reduction(LinearRegression(), window_length=12),
        TransformedTargetForecaster([("d", Differencer()), ("f", NaiveForecaster())]),
    ):
        said = model.fit(train).predict(ahead)
        out.append((type(model).__name__, round(float(mean_absolute_percentage_error(test, said)), 3)))
    return out, len(load_lynx()), len(load_shampoo_sales())


def sktime_around() -> object:
    from sktime.classification.dummy import DummyClassifier
    from sktime.classification.interval_based import TimeSeriesForestClassifier
    from sktime.datasets import load_arrow_head, load_basic_motions, load_italy_power_demand
    from sktime.registry import all_estimators, craft
    from sktime.transformations.panel.rocket import MiniRocket

    rows, marks = load_italy_power_demand(split="train")
    out = [
        TimeSeriesForestClassifier(5, random_state=1).fit(rows, marks).predict(rows[:2]).tolist(),
        DummyClassifier().fit(rows, marks).predict(rows[:1]).shape,
        load_arrow_head()[0].shape,
        load_basic_motions()[0].shape,
    ]
    for call in (
        lambda: MiniRocket(84).fit_transform(rows).shape[1],
        lambda: type(craft("NaiveForecaster(sp=4)")).__name__,
        lambda: len(all_estimators("forecaster", as_dataframe=True)) > 40,
        lambda: craft("AutoARIMA()"),
    ):
        try:
            out.append(call())
        except Exception as error:
            out.append(type(error).__name__)
    return out


def boosted() -> object:
    from catboost import CatBoostClassifier, CatBoostRegressor, Pool, cv, metrics

    rng = np.random.default_rng(0)
    rows = [[float(a), str(b), "good tea" if c > 0 else "bad tea"] for a, b, c in zip(rng.random(60), rng.integers(0, 3, 60), rng.normal(size=60), strict=True)]
    marks = [int(row[0] > 0.5) for row in rows]
    pool = Pool(rows, marks, cat_features=[1], text_features=[2])
    model = CatBoostClassifier(iterations=5, depth=2, verbose=0, thread_count=1, random_seed=1, allow_writing_files=False).fit(pool)
    out = [model.predict(rows[:3]).tolist(), len(model.get_feature_importance(pool)), model.get_feature_importance(pool, type="ShapValues").shape]
    plain = Pool(rng.random((60, 3)), marks)
    simple = CatBoostRegressor(iterations=5, depth=2, verbose=0, thread_count=1, allow_writing_files=False, loss_function="RMSE").fit(plain)
    for kind in ("cbm", "json", "cpp", "python", "onnx", "coreml", "pmml"):
        try:
            simple.save_model(f"a.{kind}", format=kind)
            out.append((kind, os.path.getsize(f"a.{kind}") > 100))
        except Exception as error:
            out.append((kind, type(error).__name__))
    out.append(CatBoostRegressor().load_model("a.json", format="json").tree_count_)
    out.append(len(cv(plain, {"iterations": 3, "loss_function": "Logloss", "thread_count": 1}, fold_count=2, logging_level="Silent")))
    out.append(metrics.AUC().eval(np.array(marks), np.array(marks))[0] if hasattr(metrics.AUC(), "eval") else "no eval")
    try:
        model.plot_tree(0, pool)
        out.append("tree")
    except Exception as error:
        out.append(type(error).__name__)
    for task in ("GPU",):
        try:
            CatBoostRegressor(iterations=1, task_type=task, verbose=0).fit(plain)
        except Exception as error:
            out.append((task, type(error).__name__))
    return out


def boosted_files() -> object:
    import subprocess

    from catboost import CatBoostRanker, Pool, utils

    with open("t.tsv", "w", encoding="ascii") as file:
        file.writelines(f"{n % 2}\t{n}\t{n * n % 7}\n" for n in range(40))
    with open("t.cd", "w", encoding="ascii") as file:
        file.write("0\tLabel\n")
    pool = Pool("t.tsv", column_description="t.cd")
    ranker = CatBoostRanker(iterations=3, verbose=0, thread_count=1, allow_writing_files=True, train_dir="info").fit(
        np.random.default_rng(0).random((20, 2)), [n % 2 for n in range(20)], group_id=[n // 5 for n in range(20)]
    )
    done = subprocess.run(["python", "-c", "import catboost; catboost.CatBoost().fit([[1]], [1, 2])"], capture_output=True, text=True, check=False)
    return pool.shape, sorted(os.listdir("info"))[:2], ranker.tree_count_, utils.get_roc_curve.__name__, done.returncode, "CatBoostError" in done.stderr
