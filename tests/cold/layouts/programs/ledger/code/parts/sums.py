import math


def show(accounts):
    return math.fsum(accounts.values())
