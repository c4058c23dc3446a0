import ray

(HERE / "shipped").mkdir()
(HERE / "shipped" / "shipped_module.py").write_text("WORD = 'shipped'\n")
ray.init("local", runtime_env={"working_dir": str(HERE / "shipped")}, num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=100_000_000)


@ray.remote
def square(number):
    return number * number


@ray.remote(num_cpus=0.5)
class Counter:
    def __init__(self):
        self.seen = 0

    def add(self, number):
        self.seen += number
        return self.seen

    def die(self):
        os._exit(3)


@ray.remote(max_retries=0)
def broken():
    return {}["key that is not there"]


@ray.remote
class Later:
    async def wait(self, number):
        import asyncio

        await asyncio.sleep(0.1)
        return number


@ray.remote(num_returns="streaming")
def many():
    for number in range(3):
        yield number


show("tasks", ray.get([square.remote(number) for number in range(5)]))
counter = Counter.options(name="counter", lifetime="detached").remote()
show("actor", ray.get([counter.add.remote(2), counter.add.remote(3)]), ray.get(ray.get_actor("counter").add.remote(0)))
try:
    ray.get(broken.remote())
except ray.exceptions.RayTaskError as error:
    show("task error", type(error.cause).__name__, "key that is not there" in str(error))
try:
    ray.get(counter.die.remote())
except ray.exceptions.RayActorError as error:
    show("actor error", type(error).__name__)
show("async", ray.get(Later.options(max_concurrency=4).remote().wait.remote(9)))
show("stream", [ray.get(one) for one in many.remote()])
import numpy as np

big = ray.put(np.ones((1000, 1000)))
show("shared", ray.get(square.remote(big)).sum())
ready, waiting = ray.wait([square.remote(3)], num_returns=1)
show("wait", len(ready), len(waiting))
try:
    ray.get(ray.remote(lambda: time.sleep(30)).remote(), timeout=0.5)
except ray.exceptions.GetTimeoutError as error:
    show("timeout", type(error).__name__)


@ray.remote(runtime_env={"env_vars": {"WHO": "ada"}})
def elsewhere():
    import shipped_module

    return shipped_module.WORD, os.environ["WHO"], Path("shipped_module.py").exists()


show("environment", ray.get(elsewhere.remote()))
from ray.util.placement_group import placement_group, remove_placement_group

group = placement_group([{"CPU": 1}], strategy="PACK")
show("group", group.wait(20))
remove_placement_group(group)
from ray.util import ActorPool
from ray.util.queue import Queue

queue = Queue(maxsize=3)
queue.put("a")
show("queue", queue.get(), queue.empty())
queue.shutdown()
from ray.util.multiprocessing import Pool

with Pool(2) as pool:
    show("pool", pool.map(abs, [-1, -2]))
import joblib
from ray.util.joblib import register_ray

register_ray()
with joblib.parallel_backend("ray"):
    show("joblib", joblib.Parallel(n_jobs=2)(joblib.delayed(pow)(2, power) for power in range(4)))
show("nodes", len(ray.nodes()), sorted(key for key in ray.cluster_resources() if not key.startswith("node:")))
ray.shutdown()
