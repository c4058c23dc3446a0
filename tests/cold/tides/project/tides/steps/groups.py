"""Pieces that are alike."""


def run(values, by="dtw"):
    import numpy as np
    from tslearn.clustering import TimeSeriesKMeans

    pieces = np.array_split(values[: len(values) // 4 * 4], 4)
    return [int(label) for label in TimeSeriesKMeans(2, metric=by, random_state=0, max_iter=3).fit_predict(np.array(pieces)[..., None])]
