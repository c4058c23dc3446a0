import calendar

import lxml.etree


def pay():
    return calendar.monthrange(2024, 2)[1], lxml.etree.fromstring("<m/>").tag
