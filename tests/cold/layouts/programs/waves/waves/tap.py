from twisted.python import usage

from waves.service import Waves


class Options(usage.Options):
    optParameters = [["times", "t", 1, "How many waves.", int]]


def makeService(options):
    return Waves(options["times"])
