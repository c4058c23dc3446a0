"""Pages."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from tickets.models import Ticket, Topic


def health(request):
    return HttpResponse("ok")


def board(request):
    return render(request, "tickets/board.html", {"tickets": Ticket.objects.all()[:5], "topics": Topic.objects.all(), "storage": type(default_storage).__name__})


def new(request):
    from tickets.forms import TicketForm  # crispy is slow to load

    form = TicketForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("saved"))
        return redirect("board")
    return render(request, "tickets/new.html", {"form": form})


def table(request):
    from tickets.tables import TicketTable

    shown = TicketTable(Ticket.objects.all())
    RequestConfig(request).configure(shown)
    if (kind := request.GET.get("as")) is not None:
        from django_tables2.export.export import TableExport

        return TableExport(kind, shown).response(f"tickets.{kind}")
    return render(request, "tickets/table.html", {"table": shown})
