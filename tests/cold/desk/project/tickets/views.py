"""Pages."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from tickets.models import Ticket, Topic


def health(request):  # noqa: ANN001, ANN201, ARG001
    return HttpResponse("ok")


def board(request):  # noqa: ANN001, ANN201
    return render(request, "tickets/board.html", {"tickets": Ticket.objects.all()[:5], "topics": Topic.objects.all(), "storage": type(default_storage).__name__})


def new(request):  # noqa: ANN001, ANN201
    from tickets.forms import TicketForm  # noqa: PLC0415 — crispy is slow to load

    form = TicketForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("saved"))
        return redirect("board")
    return render(request, "tickets/new.html", {"form": form})


def table(request):  # noqa: ANN001, ANN201
    from tickets.tables import TicketTable  # noqa: PLC0415

    shown = TicketTable(Ticket.objects.all())
    RequestConfig(request).configure(shown)
    if (kind := request.GET.get("as")) is not None:
        from django_tables2.export.export import TableExport  # noqa: PLC0415

        return TableExport(kind, shown).response(f"tickets.{kind}")
    return render(request, "tickets/table.html", {"table": shown})
