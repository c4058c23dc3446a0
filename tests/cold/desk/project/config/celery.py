"""The worker: tasks are found in the apps."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings." + os.environ.get("DESK_SETTINGS", "production"))
app = Celery("desk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "digest": {"task": "tickets.tasks.digest", "schedule": crontab(minute="*/5")},
    "reindex": {"task": "knowledge.tasks.reindex", "schedule": 3600.0},
}
