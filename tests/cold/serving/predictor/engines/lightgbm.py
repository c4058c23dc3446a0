import lightgbm
import numpy


def load(path, explain=False):
    booster = lightgbm.Booster(model_file=path)
    return lambda rows: booster.predict(numpy.asarray(rows, dtype=float), num_threads=1, pred_contrib=explain).round(4)
