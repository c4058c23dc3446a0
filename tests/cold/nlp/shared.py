"""Many processes: spawn, fork server, shared memory, pools of tasks; frozen traces of what failed in them; profilers and dumps."""
import concurrent.futures, cProfile, faulthandler, importlib.metadata, io, logging.config, multiprocessing as mp, multiprocessing.shared_memory, os, pickle, pstats, sys, traceback, tracemalloc


def work(number):
    import spacy
    if number == 3:
        raise ValueError(f"not {number}")
    return len(spacy.blank("sv")("hej då" * number))


def keras_work(number):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf
    return float(tf.reduce_sum(tf.ones(number)))


if __name__ == "__main__":
    tracemalloc.start()
    for method in ("spawn", "forkserver", "fork"):
        with concurrent.futures.ProcessPoolExecutor(2, mp_context=mp.get_context(method)) as pool:
            print(method, list(pool.map(work, [1, 2])))
            try:
                pool.submit(work, 3).result()
            except ValueError as error:
                print("raise ValueError" in "".join(traceback.format_exception(error)))
    with mp.get_context("spawn").Pool(1) as pool:
        print(pool.map(keras_work, [5]))
    with mp.Manager() as manager:
        print(manager.dict(a=1).copy(), manager.list([1])[0])
    memory = mp.shared_memory.SharedMemory(create=True, size=16)
    memory.close(), memory.unlink()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        print(sorted(pool.map(work, [1, 2])))
    logging.config.dictConfig({"version": 1, "formatters": {"a": {"format": "%(levelname)s %(message)s"}}, "handlers": {"a": {"class": "logging.StreamHandler", "formatter": "a"}, "f": {"class": "logging.handlers.RotatingFileHandler", "filename": "/tmp/a.log"}}, "root": {"handlers": ["a", "f"]}})
    logging.warning("told")
    profile = cProfile.Profile()
    profile.runcall(work, 1)
    text = io.StringIO()
    pstats.Stats(profile, stream=text).sort_stats("cumulative").print_stats(3)
    print("function calls" in text.getvalue(), tracemalloc.take_snapshot().statistics("lineno") != [])
    faulthandler.dump_traceback(open(os.devnull, "w"))
    known = sorted(found.metadata["Name"] for found in importlib.metadata.distributions())
    print(len(known), known[:3], importlib.metadata.version("tensorflow-cpu" if "tensorflow_cpu" in known or "tensorflow-cpu" in known else "tensorflow"), [str(point) for point in importlib.metadata.entry_points(group="spacy_loggers")][:2], len(importlib.metadata.files("spacy") or []) > 100, [str(r) for r in importlib.metadata.requires("hypercorn") or []][:2])
    print(sorted(point.name for point in importlib.metadata.entry_points(group="console_scripts")))
    import importlib.resources
    print(importlib.resources.files("spacy").joinpath("default_config.cfg").is_file(), importlib.resources.files("grpc_tools").joinpath("_proto/google/protobuf/any.proto").is_file())
    for name in ("tf_keras", "torch", "jax", "cupy", "tensorboard", "pandas", "PIL", "sklearn", "pymorphy3", "spacy_lookups_data"):
        try:
            __import__(name)
        except Exception as error:
            print(name, type(error).__name__)
