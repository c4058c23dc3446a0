"""Reports by mail: written, and sent where there is a server."""
import mimetypes
import smtplib
from email.message import EmailMessage
from email.utils import formatdate, localtime


def send(to, subject, files=(), server=None):
    message = EmailMessage()
    message["To"], message["Subject"], message["From"] = to, subject, "scores@example.org"
    message["Date"] = formatdate(0)
    message.set_content(f"Your report — {localtime().year > 2000}")
    message.add_alternative("<p>Your <b>report</b></p>", subtype="html")
    for name in files:
        kind, _ = mimetypes.guess_type(name)
        main, _, sub = (kind or "application/octet-stream").partition("/")
        message.add_attachment(b"x", maintype=main, subtype=sub, filename=name)
    if server:
        with smtplib.SMTP(server, 2525, timeout=5) as client:
            client.starttls()
            client.send_message(message)
    return message.as_string()
