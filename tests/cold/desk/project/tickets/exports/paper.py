"""PDF by a program of its own, and then smaller by another."""

import subprocess
import tempfile
from pathlib import Path


class Paper:
    kind = "application/pdf"

    def __init__(self, tickets) -> None:
        self.tickets = tickets

    def content(self) -> bytes:
        page = "<h1>Tickets</h1>" + "".join(f"<p>{ticket.title}</p>" for ticket in self.tickets)
        with tempfile.TemporaryDirectory() as folder:
            made, small = Path(folder, "made.pdf"), Path(folder, "small.pdf")
            subprocess.run(["weasyprint", "-", str(made)], input=page.encode(), check=True, capture_output=True)
            subprocess.run(["qpdf", "--linearize", str(made), str(small)], check=True)
            return small.read_bytes()
