"""The jobs."""

from shop.tasks import app


@app.task(name="shop.tasks.summary")
def summary(count=3):
    import statistics

    print("summary", statistics.median(range(count)), flush=True)


@app.task(name="shop.tasks.broken")
def broken():
    raise RuntimeError("as asked")
