"""Compiled once, kept beside this."""
import numpy as np
from numba import guvectorize, njit, vectorize


@njit("float64[:](float64[:], int64)", cache=True)
def smooth(values, width):
    result = np.empty_like(values)
    for n in range(len(values)):
        result[n] = values[max(0, n - width + 1) : n + 1].mean()
    return result


@vectorize(["float64(float64, float64)"], cache=True)
def clipped(value, limit):
    return min(max(value, -limit), limit)


@njit(cache=True, parallel=True)
def far(values):
    total = 0.0
    for n in range(len(values)):
        total += abs(values[n] - values.mean())
    return total


@guvectorize(["(float64[:], float64[:])"], "(n)->(n)", nopython=True)
def running(values, result):
    total = 0.0
    for n in range(values.shape[0]):
        total += values[n]
        result[n] = total


if __name__ == "__main__":
    print(smooth(np.arange(5.0), 2), clipped(np.arange(3.0), 1.0), far(np.arange(3.0)))
