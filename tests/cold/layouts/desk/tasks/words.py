from celery import shared_task


@shared_task
def shout(word):
    from slugify import slugify

    return slugify(word).upper()
