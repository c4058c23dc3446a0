import logging

import ray

ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=150_000_000, logging_level=logging.ERROR)
ray.data.DataContext.get_current().enable_progress_bars = False
rows = ray.data.read_csv("/srv/platform/data/customers.csv")
show("read", rows.count(), rows.schema().names)
show("grouped", sorted((row["plan"], row["mean(age)"] > 20) for row in rows.groupby("plan").mean("age").take_all()))
doubled = rows.map_batches(lambda batch: {"twice": batch["visits"] * 2}, batch_format="numpy")
show("batches", doubled.sum("twice") == 2 * rows.sum("visits"))
rows.write_parquet(str(HERE / "parquet"))
rows.limit(3).write_json(str(HERE / "json"))
show("parquet", ray.data.read_parquet(str(HERE / "parquet")).filter(expr="visits > 100").count(), ray.data.read_json(str(HERE / "json")).count())


class Model:
    def __init__(self):
        import mlflow

        self.model = mlflow.pyfunc.load_model("models:/churn@champion")

    def __call__(self, batch):
        return {"left": self.model.predict(batch)}


show("scored", int(rows.map_batches(Model, batch_format="pandas", concurrency=1).sum("left")) > 10)
from ray import tune


def objective(config):
    for step in range(4):
        tune.report({"score": config["x"] ** 2 + step, "step_": step})


tuner = tune.Tuner(
    objective,
    param_space={"x": tune.grid_search([1, 2])},
    tune_config=tune.TuneConfig(metric="score", mode="min", scheduler=tune.schedulers.ASHAScheduler(grace_period=1, max_t=4), max_concurrent_trials=2),
    run_config=tune.RunConfig(name="search", storage_path=str(HERE / "tuned"), verbose=0),
)
results = tuner.fit()
best = results.get_best_result()
show("tuned", len(results), best.config, best.metrics["score"])
logged = sorted({"events" if path.name.startswith("events") else path.suffix for path in Path(best.path).iterdir()})
show("logs", logged)
show("restored", tune.Tuner.can_restore(str(HERE / "tuned" / "search")))
show("again", len(tune.Tuner.restore(str(HERE / "tuned" / "search"), objective).get_results()))
from ray.tune.search.sample import Float  # noqa: F401
from ray.tune.schedulers import create_scheduler
from ray.tune.search import create_searcher

show(
    "schedulers",
    [
        type(create_scheduler(name, **({"metric": "score", "mode": "min"} if name not in ("pb2", "pbt") else {"hyperparam_mutations": {"x": [1, 2]}}))).__name__
        for name in ("fifo", "async_hyperband", "hyperband", "median_stopping_rule", "pbt")
    ],
)
show("searchers", [type(create_searcher(name)).__name__ for name in ("random", "variant_generator")])


def breaks(config):
    raise RuntimeError("trial that breaks")


failed = tune.Tuner(breaks, run_config=tune.RunConfig(storage_path=str(HERE / "tuned"), name="broken", verbose=0)).fit()
show("errors", len(failed.errors), "trial that breaks" in str(failed.errors[0]))
ray.shutdown()
