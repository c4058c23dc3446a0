"""What workers do."""

from celery import shared_task


@shared_task
def digest(kind: str = "plain") -> str:
    from django.core.mail import EmailMultiAlternatives  # noqa: PLC0415
    from django.template.loader import render_to_string  # noqa: PLC0415

    from tickets.models import Ticket  # noqa: PLC0415

    text = render_to_string("digest.txt", {"tickets": Ticket.objects.order_by("pk")}, using="jinja2")
    mail = EmailMultiAlternatives("digest", text, "desk@example.invalid", ["team@example.invalid"])
    if kind == "html":
        mail.attach_alternative(f"<p>{text}</p>", "text/html")
    mail.send()
    return text


@shared_task(bind=True, max_retries=1)
def thumbnails(self, size: int) -> list[str]:  # noqa: ANN001, ARG001
    from tickets.pictures import formats  # noqa: PLC0415

    return formats(size)


@shared_task
def add(a: int, b: int) -> int:
    return a + b
