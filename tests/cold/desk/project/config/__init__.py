"""The project: settings for each place it runs in, its addresses, its servers."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
