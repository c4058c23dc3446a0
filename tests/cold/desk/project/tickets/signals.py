"""What follows from a ticket."""

import logging

from django.db.models.signals import post_save
from django.dispatch import receiver

from tickets.models import Ticket


@receiver(post_save, sender=Ticket)
def say(sender, instance, created, **kwargs):
    logging.getLogger("desk").debug("saved %s", instance.pk)
