from django.core.mail import send_mail
from django.db.models.signals import post_save
from django.dispatch import receiver

from orders.models import Order


@receiver(post_save, sender=Order)
def told(sender, instance, created, **kwargs):
    if created:
        send_mail("an order", instance.what, "desk@example.test", ["shop@example.test"])
