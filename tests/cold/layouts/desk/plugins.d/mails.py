import quopri
from email.mime.text import MIMEText

import arrow


def act(word):
    return (
        MIMEText(word, _charset="iso-8859-15").as_string().splitlines()[-1],
        quopri.encodestring(word.encode()),
        arrow.get(0).humanize(arrow.get(7200), locale="fr"),
    )
