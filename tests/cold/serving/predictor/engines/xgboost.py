import numpy
import xgboost


def load(path, threads=1, explain=False):
    booster = xgboost.Booster({"nthread": threads}, model_file=path)
    return lambda rows: booster.predict(xgboost.DMatrix(numpy.asarray(rows, dtype=float)), pred_contribs=explain).round(4)
