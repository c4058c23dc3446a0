"""Work shared among processes, by each way to start them; a module that children import."""
import asyncio, concurrent.futures, multiprocessing, os, sys, threading
from multiprocessing import shared_memory, managers


def square(number):
    import numpy
    return int(numpy.square(number))


def breaks(number):
    raise ValueError(number)


def ends(number):
    os._exit(4)


if __name__ == "__main__":
    for way in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(way)
        with context.Pool(2) as pool:
            print(way, pool.map(square, range(3)))
            try:
                pool.map(breaks, [1])
            except ValueError as error:
                print(type(error.__cause__).__name__, error)
        queue, process = context.Queue(), None
        process = context.Process(target=queue.put, args=(7,))
        process.start(); print(queue.get(timeout=60)); process.join(); print(process.exitcode)
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            print(sum(pool.map(square, range(4))))
            try:
                pool.submit(ends, 1).result()
            except concurrent.futures.process.BrokenProcessPool as error:
                print(type(error).__name__)
    import numpy, scipy.optimize
    print(scipy.optimize.differential_evolution(numpy.linalg.norm, [(-1, 1)], workers=2, updating="deferred", maxiter=2, seed=1).fun < 1)
    with multiprocessing.Manager() as manager:
        held = manager.dict(a=1); held["b"] = 2
        print(dict(held), manager.Lock().acquire())
    with managers.SharedMemoryManager() as manager:
        print(list(manager.ShareableList([1, "tea"])))
    block = shared_memory.SharedMemory(create=True, size=9); block.buf[0] = 5; print(block.buf[0]); block.close(); block.unlink()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        print(list(pool.map(square, range(3))))
    async def talk():
        process = await asyncio.create_subprocess_shell("cat", stdin=-1, stdout=-1)
        return await process.communicate(b"tea")
    print(asyncio.run(talk()), threading.active_count() > 0)
