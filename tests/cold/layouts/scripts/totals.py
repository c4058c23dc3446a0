import decimal
import statistics

from boltons import iterutils, strutils

answer = decimal.Decimal(given) / 7, statistics.median([1, 2, given]), iterutils.chunked(range(5), 2), strutils.slugify("One two")
