"""A timetable: APScheduler, whose stores, executors and triggers are named by words."""

import logging
import os
import signal
import threading

log = logging.getLogger("papers.jobs.timetable")


def sweep(name: str) -> None:
    print(f"swept {name}", flush=True)


def fail() -> None:
    raise ValueError("nothing to sweep")


def run() -> None:
    from apscheduler.events import EVENT_JOB_ERROR
    from apscheduler.schedulers.background import BackgroundScheduler

    from papers.settings import settings

    logging.basicConfig(level=logging.WARNING)
    scheduler = BackgroundScheduler(
        {
            "apscheduler.jobstores.default": {"type": "sqlalchemy", "url": f"sqlite:///{settings().state}/jobs.db"},
            "apscheduler.jobstores.short": {"type": "memory"},
            "apscheduler.executors.default": {"class": "apscheduler.executors.pool:ThreadPoolExecutor", "max_workers": "2"},
            "apscheduler.executors.processes": {"type": "processpool", "max_workers": "1"},
            "apscheduler.job_defaults.misfire_grace_time": "60",
            "apscheduler.timezone": os.environ.get("TZ", "UTC"),
        }
    )
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    scheduler.add_listener(lambda event: print("failed", type(event.exception).__name__, flush=True), EVENT_JOB_ERROR)
    scheduler.add_job("papers.jobs.timetable:sweep", "date", args=["once"], id="once", replace_existing=True)
    scheduler.add_job("papers.jobs.timetable:sweep", "date", args=["elsewhere"], executor="processes", jobstore="short")
    scheduler.add_job("papers.jobs.timetable:fail", "interval", seconds=1, jobstore="short", id="often")
    scheduler.add_job("papers.jobs.timetable:sweep", "cron", args=["nightly"], day_of_week="mon-fri", hour=3, id="nightly", replace_existing=True)
    scheduler.start()
    print(scheduler.get_job("nightly").next_run_time.strftime("%H:%M %Z"), flush=True)
    over.wait(float(os.environ.get("PAPERS_SECONDS", "1e6")))
    scheduler.shutdown()
    print("over", flush=True)
