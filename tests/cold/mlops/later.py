import logging

sys.path.insert(0, "/srv/platform")
os.environ["TASKS_STATE"] = str(HERE / "state")
from celery import chain, group
from celery.exceptions import Retry  # noqa: F401
from serving import tasks

work = ["celery", "-A", "serving.tasks", "worker", "-l", "INFO", "--without-gossip", "--without-mingle"]
MARK = tasks.STATE / "queue"


@__import__("contextlib").contextmanager
def worker(*words, ends=signal.SIGTERM, **environment):
    log = HERE / f"worker{len(list(HERE.iterdir()))}.log"
    with log.open("wb") as output:
        one = subprocess.Popen([*work, *words], stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **environment}, start_new_session=True)
    until = time.monotonic() + 90
    while " ready." not in log.read_text():
        if one.poll() is not None or time.monotonic() > until:
            sys.exit(f"no worker: {log.read_text()[-3000:]}")
        time.sleep(0.3)
    one.log = log
    try:
        yield one
    finally:
        one.send_signal(ends)
        try:
            one.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(one.pid, signal.SIGKILL)
            one.wait()


with worker("-c", "2", "-E") as one:
    row = {"age": 40.0, "visits": 0, "spent": 10.0, "plan": "basic"}
    show("score", tasks.score.delay([row]).get(60))
    show("group", group(tasks.count.s(word) for word in ("a", "bb", "ccc"))().get(60))
    show("chain", chain(tasks.count.s("four"), tasks.divide.s(2))().get(60))
    show("chord", tasks.counted(["a", "bb"]).get(60))
    again = tasks.stubborn.delay()
    while "stubborn[" + again.id + "] succeeded" not in one.log.read_text() and one.poll() is None:  # who asks in between may meet half of a row
        time.sleep(0.3)
    show("stubborn", again.get(60))
    failed = tasks.divide.delay(1, 0)
    try:
        failed.get(60)
    except ZeroDivisionError as error:
        show("failed", error, failed.state, "return first / second" in failed.traceback)
    for kind in ("json", "pickle", "yaml", "msgpack"):
        show("serializer", kind, tasks.total.apply_async(([1, 2],), serializer=kind).get(60))
    for kind in ("gzip", "bzip2", "lzma"):
        show("compression", kind, tasks.total.apply_async(([1, 2],), compression=kind).get(60))
    show("later", tasks.total.apply_async(([5],), countdown=1).get(60))
log = one.log.read_text()
show("worker", one.returncode, "counting bb" in log, "Warm shutdown" in log, "Traceback (most recent call last)" in log)
for pool in ("threads", "solo"):
    with worker("-P", pool, ends=signal.SIGINT) as one:
        show(pool, tasks.count.delay("words").get(60))
text = run([*work, "-P", "gevent"], status=1)
show("gevent", "gevent" in text)
run("celery -A serving.tasks beat --pidfile= --max-interval 1 -l INFO > beat.log 2>&1 & sleep 8; kill -TERM $!; wait $!; true")
show("beat", "Scheduler: Sending due task often" in Path("beat.log").read_text())
os.environ["TASKS_BROKER"] = f"sqla+sqlite:///{HERE}/broker.db"
Path("sent.py").write_text("from serving import tasks\nprint('sent', tasks.count.delay('database').get(60))\n")
with worker("-P", "solo", TASKS_BROKER=os.environ["TASKS_BROKER"]) as one:
    show("database", run([sys.executable, "sent.py"]).strip().splitlines()[-1])
del os.environ["TASKS_BROKER"]
text = run("celery --help; celery -A serving.tasks report; celery -A serving.tasks worker --help; celery -A serving.tasks beat --help; celery multi help")
show("report", "software -> celery" in text, "broker_url" in text, "multi" in text)
show("call", len(run("celery -A serving.tasks call serving.tasks.count --args '[\"abc\"]'").strip()) >= 36)
show("purge", "Purged" in run("celery -A serving.tasks purge -f") or "No messages" in run("celery -A serving.tasks purge -f"))
show("unknown", "nothing" in run("celery -A nothing worker", status=2))
from celery.schedules import crontab, solar  # noqa: F401

show("schedule", crontab(minute="*/15", hour=3).is_due(__import__("datetime").datetime.now(__import__("datetime").timezone.utc)).next > 0)
