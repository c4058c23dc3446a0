from email import message_from_bytes, policy


def read(data: bytes) -> str:
    mail = message_from_bytes(data, policy=policy.default)
    body = mail.get_body(("plain", "html"))
    return f"{mail['subject']}\n{body.get_content() if body else ''}"
