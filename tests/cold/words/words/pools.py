"""Pools of workers by name."""

import importlib
import multiprocessing
from concurrent import futures


def work(item):
    engine, text = item
    module, _, name = engine.partition(":")
    return getattr(importlib.import_module(f"words.engines.{module}"), name)()(text)


def serial(function, items):
    return list(map(function, items))


def loky(function, items):
    from loky import get_reusable_executor

    return list(get_reusable_executor(max_workers=2, timeout=20).map(function, items))


def spawn(function, items):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        return pool.map(function, items)


def forkserver(function, items):
    with futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("forkserver")) as pool:
        return list(pool.map(function, items))


def managed(function, items):
    with multiprocessing.Manager() as manager:
        box = manager.dict({number: function(item) for number, item in enumerate(items)})
        return [box[number] for number in sorted(box.keys())]


def dask(function, items):
    import dask as library

    return list(library.compute(*[library.delayed(function)(item) for item in items], scheduler="processes", num_workers=2))


def bag(function, items):
    import dask.bag

    return dask.bag.from_sequence(items, npartitions=2).map(function).compute(scheduler="threads")


def joblib(function, items):
    from joblib import Parallel, delayed

    return Parallel(n_jobs=2)(delayed(function)(item) for item in items)


def by_name(name):
    return globals()[name]


def made(name):
    return by_name(name)
