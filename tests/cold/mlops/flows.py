sys.path.insert(0, "/srv/platform")
os.environ["PREFECT_HOME"] = str(HERE / "home")
os.environ |= {"PREFECT_LOGGING_LEVEL": "INFO", "COLUMNS": "250", "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "150"}
text = run([sys.executable, "-m", "serving.flows"])
show("flow", "Finished in state Completed()" in text, "will leave" in text)
base = "http://127.0.0.1:4299"
own = {"PREFECT_API_URL": base + "/api"}
with program(
    "prefect", "server", "start", "--host", "127.0.0.1", "--port", "4299", url=base + "/api/health", PREFECT_UI_STATIC_DIRECTORY=str(HERE / "ui")
) as server:
    os.environ.update(own)
    page = ask(base + "/")[1]
    assets = [part.split('"')[0] for part in page.replace('href="', 'src="').split('src="')[1:] if part.startswith("/")]
    show("page", "<title>" in page, len(assets) > 1, {ask(base + name)[0] for name in assets})
    show(
        "api",
        ask(base + "/api/health")[1],
        ask(base + "/api/version")[0],
        ask(base + "/api/flows/filter", {})[0],
        ask(base + "/api/flows/filter", {"limit": "x"})[0],
    )
    show("documented", len(json.loads(ask(base + "/openapi.json")[1])["paths"]) > 100, ask(base + "/docs")[0])
    text = run([sys.executable, "-m", "serving.flows"])
    show("remote", "Finished in state Completed()" in text)
    Path("more.py").write_text("""
from datetime import timedelta

from pydantic import BaseModel
from prefect import flow, task, get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import INPUTS
from prefect.futures import wait
from prefect.task_runners import ThreadPoolTaskRunner, ProcessPoolTaskRunner
from prefect.variables import Variable


class Wish(BaseModel):
    n: int = 3


@task(cache_policy=INPUTS, persist_result=True, cache_expiration=timedelta(minutes=1))
def square(n: int) -> int:
    return n * n


@task
def breaks():
    raise ValueError("broken on purpose")


@flow(task_runner=ThreadPoolTaskRunner(max_workers=2), log_prints=True)
def more(wish: Wish):
    futures = square.map(range(wish.n))
    print("sum", sum(future.result() for future in futures))
    state = breaks(return_state=True)
    print("state", state.type.value)
    create_markdown_artifact("# made", key="made")
    create_table_artifact([{"a": 1}], key="table")
    Variable.set("word", "value", overwrite=True)
    return Variable.get("word")


@flow(task_runner=ProcessPoolTaskRunner(max_workers=1), log_prints=True)
def apart():
    print("apart", square.submit(7).result())


@flow
def wrong(n: int):
    raise RuntimeError("flow that breaks")


if __name__ == "__main__":
    print("got", more(Wish()))
    apart()
    for argument in ("x", 1):
        try:
            wrong(argument)
        except Exception as error:
            print("wrong", type(error).__name__, str(error).splitlines()[0])
""")
    text = run([sys.executable, "more.py"])
    show("tasks", "sum 5" in text, "state FAILED" in text, "got value" in text, "apart 49" in text, text.count("broken on purpose") > 0, "Traceback" in text)
    show("wrong", [line for line in text.splitlines() if line.startswith("wrong")])
    listed = run(
        "prefect flow ls; prefect flow-run ls; prefect artifact ls; prefect variable get word; prefect work-pool create --type process here; prefect work-pool ls"
    )
    show("listed", "nightly" in listed, "more" in listed, "COMPLETED" in listed, "value" in listed, "Created work pool" in listed)
    Path("deployed.py").write_text("from prefect import flow\n\n@flow(log_prints=True)\ndef small(n: int = 2):\n    print('small says', n)\n")
    text = run("prefect --no-prompt deploy deployed.py:small -n one -p here")
    show("deploy", "successfully created" in text)
    text = run("prefect deployment run small/one -p n=5; prefect worker start --pool here --run-once")
    show("worker", "small says 5" in text, "Created flow run" in text)
    text = run(
        "prefect deployment inspect small/one; prefect deployment ls; prefect block type ls; prefect concurrency-limit ls; prefect global-concurrency-limit ls; prefect event --help"
    )
    show("inspect", "deployed.py:small" in text, "secret" in text.lower(), "local-file-system" in text)
text = run("prefect version; prefect config view; prefect profile ls; prefect --help; prefect server database --help", PREFECT_API_URL="")
show("command", "Version:" in text, "PREFECT_HOME" in text or "PREFECT_PROFILE" in text, "ephemeral" in text)
text = run(
    "prefect server database downgrade -y -r -2 && prefect server database upgrade -y",
    PREFECT_API_URL="",
    PREFECT_API_DATABASE_CONNECTION_URL=f"sqlite+aiosqlite:///{HERE}/home/prefect.db",
)
show("migrated", text.count("succeeded"))
show("unknown", run("prefect nothing", status=1)[-1:] != "")
