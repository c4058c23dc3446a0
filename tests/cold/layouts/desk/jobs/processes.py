"""Work in other processes, each started anew."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import managers, shared_memory


def square(number):
    return number * number


def put(name, value):
    block = shared_memory.SharedMemory(name)
    block.buf[0] = value
    block.close()


def run():
    # a server's worker is no main module that a child could import
    os.environ["PYTHONPATH"] = "/srv/desk/app"
    for way in ("spawn", "forkserver"):
        context = multiprocessing.get_context(way)
        if way == "forkserver":
            context.set_forkserver_preload(["desk.jobs.processes"])
        with context.Pool(2) as pool:
            print(way, pool.map(square, range(4)))
        with ProcessPoolExecutor(1, mp_context=context) as executor:
            print(way, list(executor.map(square, range(3))))
    block = shared_memory.SharedMemory(create=True, size=16)
    child = multiprocessing.get_context("spawn").Process(target=put, args=(block.name, 42))
    child.start()
    child.join()
    print(block.buf[0])
    block.close()
    block.unlink()
    with managers.SyncManager(ctx=multiprocessing.get_context("spawn")) as manager:
        shared = manager.dict(a=1)
        shared["b"] = 2
        print(dict(shared))
