"""Work in other processes."""

import multiprocessing
import os
import threading

import numpy as np


def _norm(size):
    return round(float(np.linalg.norm(np.ones(size))), 3)


def _mass(smiles):
    from rdkit import Chem
    from rdkit.Chem.rdMolDescriptors import CalcExactMolWt

    return round(CalcExactMolWt(Chem.MolFromSmiles(smiles)), 2)


def _fails(number):
    raise ValueError(f"number {number}")


def _dies(_):
    os._exit(3)


def methods():
    told = []
    for name in ("spawn", "forkserver", "fork"):
        context = multiprocessing.get_context(name)
        with context.Pool(2) as pool:
            told.append([name, pool.map(_norm, [4, 9]), pool.map(_mass, ["CCO", "C"])])
    return told


def pools():
    import concurrent.futures as futures

    context = multiprocessing.get_context("spawn")
    with futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        told = [list(pool.map(_norm, [1, 4]))]
        try:
            pool.submit(_fails, 3).result()
        except ValueError as error:
            told.append([str(error), "number 3" in str(error.__cause__)])
    with futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            pool.submit(_dies, 1).result()
        except futures.process.BrokenProcessPool as error:
            told.append(type(error).__name__)
    return told


def shared():
    from multiprocessing import managers, shared_memory

    with managers.SharedMemoryManager() as manager:
        block = manager.SharedMemory(800)
        np.ndarray((100,), buffer=block.buf)[:] = 2
        other = shared_memory.SharedMemory(block.name)
        whole = float(np.ndarray((100,), buffer=other.buf).sum())
        other.close()
        rows = list(manager.ShareableList([1, "ä"]))
    with multiprocessing.Manager() as manager:
        table = manager.dict(a=1)
        lock, queue = manager.Lock(), manager.Queue()
        with lock:
            queue.put(dict(table))
        return [whole, rows, queue.get()]


def with_joblib():
    from joblib import Memory, Parallel, delayed, parallel_config

    told = [Parallel(n_jobs=2, backend=name)(delayed(_norm)(size) for size in (4, 16)) for name in ("loky", "multiprocessing", "threading")]
    with parallel_config("loky", inner_max_num_threads=1):
        told.append(Parallel(n_jobs=2)(delayed(np.sum)(np.ones(300000)) for _ in range(2)))
    memory = Memory("cache", verbose=0)
    told.append([memory.cache(_norm)(25), memory.cache(_norm)(25), len(os.listdir("cache"))])
    return told


def of_sklearn():
    from sklearn.datasets import load_iris
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.svm import SVC

    data = load_iris()
    search = GridSearchCV(SVC(), {"C": [0.1, 1.0], "kernel": ["rbf", "linear"]}, n_jobs=2, cv=3).fit(data.data, data.target)
    return [
        search.best_params_,
        round(cross_val_score(RandomForestClassifier(20, random_state=1, n_jobs=2), data.data, data.target, cv=3, n_jobs=2).mean(), 1),
        round(HistGradientBoostingClassifier(max_iter=10).fit(data.data, data.target).score(data.data, data.target), 1),
    ]


def threads():
    from threadpoolctl import threadpool_info, threadpool_limits

    import scipy.linalg  # noqa: F401
    import sklearn.cluster

    with threadpool_limits(1):
        sklearn.cluster.KMeans(2, n_init=1, random_state=1).fit(np.random.default_rng(1).normal(size=(50, 2)))
    told = []
    one = threading.Thread(target=lambda: told.append(_norm(4)))
    one.start()
    one.join()
    return [told, sorted({item["internal_api"] for item in threadpool_info()})]
