"""Mail, as it is sent, as Outlook keeps it, and whole boxes of it."""

import email
import email.policy
import mailbox
import tempfile


def eml(data: bytes, name: str) -> str:
    message = email.message_from_bytes(data, policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    parts = [f"{part.get_filename()} {part.get_content_type()} {len(part.get_content())}" for part in message.iter_attachments()]
    return "\n".join([str(message["subject"]), body.get_content() if body else "", *parts])


def msg(data: bytes, name: str) -> str:
    import extract_msg

    with extract_msg.openMsg(data) as message:
        return f"{type(message).__name__}\n{message.subject}\n{message.body}\n{message.sender}\n{len(message.attachments)}"


def mbox(data: bytes, name: str) -> str:
    with tempfile.NamedTemporaryFile(suffix=".mbox") as file:
        file.write(data)
        file.flush()
        return "\n".join(str(message["subject"]) for message in mailbox.mbox(file.name))
