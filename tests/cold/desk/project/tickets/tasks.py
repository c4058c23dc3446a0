"""What workers do."""

from celery import shared_task


@shared_task
def digest(kind: str = "plain") -> str:
    from django.core.mail import EmailMultiAlternatives
    from django.template.loader import render_to_string

    from tickets.models import Ticket

    text = render_to_string("digest.txt", {"tickets": Ticket.objects.order_by("pk")}, using="jinja2")
    mail = EmailMultiAlternatives("digest", text, "desk@example.invalid", ["team@example.invalid"])
    if kind == "html":
        mail.attach_alternative(f"<p>{text}</p>", "text/html")
    mail.send()
    return text


@shared_task(bind=True, max_retries=1)
def thumbnails(self, size: int) -> list[str]:
    from tickets.pictures import formats

    return formats(size)


@shared_task
def add(a: int, b: int) -> int:
    return a + b
