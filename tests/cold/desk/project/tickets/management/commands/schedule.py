"""`schedule`: APScheduler with the database as its store."""

import time

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def add_arguments(self, parser) -> None:
        parser.add_argument("--seconds", type=int, default=0)
        parser.add_argument("--store", default="django_apscheduler.jobstores:DjangoJobStore")
        parser.add_argument("--executor", default="threadpool")

    def handle(self, *args, **options) -> None:
        scheduler = BackgroundScheduler({"apscheduler.executors.default": {"type": options["executor"]}, "apscheduler.timezone": "Asia/Tokyo"})
        if ":" in options["store"]:
            from importlib import import_module

            module, _, name = options["store"].partition(":")
            scheduler.add_jobstore(getattr(import_module(module), name)(), "default")
        else:
            scheduler.add_jobstore(options["store"], url="sqlite:////tmp/jobs.sqlite3") if options["store"] == "sqlalchemy" else scheduler.add_jobstore(options["store"])
        scheduler.add_job("tickets.jobs:count", "interval", seconds=1, id="count", replace_existing=True)
        scheduler.add_job("tickets.jobs:count", CronTrigger.from_crontab("0 5 * * 1"), id="weekly", replace_existing=True)
        scheduler.start()
        time.sleep(options["seconds"])
        scheduler.print_jobs()
        scheduler.shutdown()
