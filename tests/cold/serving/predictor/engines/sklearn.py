import joblib


def load(path, method="predict", mmap=None):
    return getattr(joblib.load(path, mmap_mode=mmap), method)
