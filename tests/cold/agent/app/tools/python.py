"""A piece of Python in a process of its own."""
import multiprocessing


def work(source: str, queue) -> None:
    names: dict = {}
    try:
        exec(source, names)
        queue.put(repr(names.get("result")))
    except Exception:
        import traceback

        queue.put(traceback.format_exc())


def run(source: str, method: str = "spawn") -> str:
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    process = context.Process(target=work, args=(source, queue))
    process.start()
    answer = queue.get(timeout=60)
    process.join(10)
    return answer
