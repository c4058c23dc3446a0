import tablib
from import_export.formats import base_formats

from tickets.models import Ticket
from tickets.resources import TicketResource

made = TicketResource().export(Ticket.objects.filter(pk=1))
for kind in base_formats.DEFAULT_FORMATS:
    one = kind()
    try:
        data = one.export_data(made)
        print(one.get_title(), one.can_export() and bool(data))
        if one.can_import():
            print("in", TicketResource().import_data(one.create_dataset(data), dry_run=True).has_errors())
    except Exception as error:
        print(one.get_title(), type(error).__name__, str(error)[:80])

print(tablib.detect_format("a,b\n1,2\n"), tablib.Dataset([1, 2], headers=["a", "b"]).export("cli") if False else "")

