import textwrap

import unidecode


def shout(text):
    return textwrap.fill(unidecode.unidecode("é " + text.upper()), 12)
