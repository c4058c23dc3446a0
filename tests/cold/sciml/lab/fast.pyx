# cython: language_level=3, boundscheck=False
cimport cython
from libc.math cimport sqrt
from libcpp.vector cimport vector

cdef extern from "<numeric>" namespace "std" nogil:
    T accumulate[I, T](I first, I last, T start)


cdef class Total:
    cdef vector[double] held

    def add(self, double number):
        self.held.push_back(sqrt(number))
        return self

    property value:
        def __get__(self):
            return accumulate(self.held.begin(), self.held.end(), 0.0)


def roots(list numbers):
    total = Total()
    for number in numbers:
        total.add(number)
    return total.value


async def later(x):
    return x


def rows(double[:, :] given):
    cdef Py_ssize_t i, j
    cdef double whole = 0
    for i in range(given.shape[0]):
        for j in range(given.shape[1]):
            whole += given[i, j]
    return whole
