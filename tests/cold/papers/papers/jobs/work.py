"""Tasks."""

from celery import shared_task
from celery.utils.log import get_task_logger

log = get_task_logger(__name__)


@shared_task(bind=True, max_retries=1)
def read(self, name: str) -> str:
    from papers import readers
    from papers.settings import settings

    try:
        return readers.read((settings().samples / name).read_bytes(), name)[1]
    except FileNotFoundError as error:
        raise self.retry(exc=error, countdown=0) from error


@shared_task
def length(text: str) -> int:
    return len(text)


@shared_task
def sweep() -> str:
    log.info("swept")
    return "swept"
