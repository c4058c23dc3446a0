import numpy

print((numpy.array([[1, 2], [3, 4]]) @ numpy.array([1.0, 2.0])).tolist())
