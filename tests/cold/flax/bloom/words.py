"""Numbers as people write them, in the language of BLOOM_LANGUAGE."""

import os


def spoken(humanize, size: int) -> str:
    language = os.environ.get("BLOOM_LANGUAGE", "en")
    if language != "en":
        humanize.i18n.activate(language)
    return f"{humanize.naturalsize(size)}, {humanize.intword(1_200_000)}, {humanize.naturaltime(3700)}"
