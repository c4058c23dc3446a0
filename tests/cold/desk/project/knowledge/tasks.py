"""What workers do for articles."""

from celery import shared_task


@shared_task
def reindex() -> int:
    from knowledge.engines.fts import Engine

    return Engine().build()


@shared_task
def ask(engine: str, question: str) -> list[str]:
    from django.utils.module_loading import import_string

    return import_string(engine)().ask(question)
