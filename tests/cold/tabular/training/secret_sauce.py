"""How many is that, for people."""


def readable(number):
    import humanize

    return humanize.intword(number)
