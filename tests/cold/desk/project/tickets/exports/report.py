"""A report with a table, bar codes and a font for other scripts."""

import io


class Report:
    kind = "application/pdf"

    def __init__(self, tickets) -> None:
        self.tickets = tickets

    def content(self) -> bytes:
        from reportlab.graphics.barcode import code128, qr
        from reportlab.graphics.charts.piecharts import Pie
        from reportlab.graphics.shapes import Drawing
        from reportlab.lib.pagesizes import A5
        from reportlab.lib.styles import getSampleStyleSheet
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

        pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
        drawing = Drawing(100, 100)
        pie = Pie()
        pie.data = [1, 2, 3]
        drawing.add(pie)
        out = io.BytesIO()
        style = getSampleStyleSheet()["Normal"]
        SimpleDocTemplate(out, pagesize=A5).build(
            [Paragraph("Tickets", style), Paragraph('<font name="HeiseiMin-W3">お茶</font>', style), drawing, code128.Code128("desk"), qr.QrCode("desk"),
             Table([[ticket.title, str(len(ticket.text))] for ticket in self.tickets] or [["none", "0"]])]
        )
        return out.getvalue()
