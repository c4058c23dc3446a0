import io

import numpy

MEDIA = "application/x-npy"


def read(body):
    return numpy.load(io.BytesIO(body), allow_pickle=False)


def write(values):
    target = io.BytesIO()
    numpy.save(target, numpy.asarray(values))
    return target.getvalue()
