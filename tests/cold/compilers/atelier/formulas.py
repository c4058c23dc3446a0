"""Formulas that users type, as fast as can be."""


def formula(text="x**2 + sin(x)", at=2.0):
    import sympy
    from sympy.utilities.autowrap import ufuncify

    x = sympy.Symbol("x")
    return {"value": round(float(ufuncify([x], sympy.sympify(text))(at)), 4)}


def kernel(at=20):
    from cffi import FFI

    ffi = FFI()
    ffi.cdef("int twice(int);")
    return {"value": ffi.verify("static int twice(int x) { return 2 * x; }", tmpdir="/tmp/kernel").twice(at)}
