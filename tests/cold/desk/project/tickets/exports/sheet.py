"""A workbook with a chart."""

import io

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font


class Book:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, tickets) -> None:
        self.tickets = tickets

    def content(self) -> bytes:
        book = Workbook()
        sheet = book.active
        sheet.append(["title", "length"])
        sheet["A1"].font = Font(bold=True)
        for ticket in self.tickets:
            sheet.append([ticket.title, len(ticket.text)])
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=sheet.max_row), titles_from_data=True)
        sheet.add_chart(chart, "D2")
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()
