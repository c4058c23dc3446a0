from celery import shared_task


@shared_task
def strike():
    import sched

    return sched.__name__
