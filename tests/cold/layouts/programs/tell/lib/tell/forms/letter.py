import email.policy
from email.message import EmailMessage


def tell(words):
    message = EmailMessage(policy=email.policy.SMTPUTF8)
    message["subject"] = "ä" + words[0]
    message.set_content(" ".join(words))
    return message.as_bytes()
