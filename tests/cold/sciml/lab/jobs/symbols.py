"""Formulas, units, grammars."""

import sympy as sp

X, Y = sp.symbols("x y")


def solved():
    t = sp.Function("t")
    return [
        sp.integrate(sp.exp(-(X**2)), (X, -sp.oo, sp.oo)),
        sp.solve(X**3 - 1, X),
        sp.limit(sp.sin(X) / X, X, 0),
        sp.series(sp.cos(X), X, 0, 5),
        sp.dsolve(t(X).diff(X) - t(X)).rhs,
        sp.factor(X**4 - 1),
        sp.Matrix([[2, 1], [1, 2]]).eigenvals(),
        sp.nsolve(sp.cos(X) - X, 1).evalf(6),
        sp.summation(1 / X**2, (X, 1, sp.oo)),
        sp.laplace_transform(sp.exp(-X), X, Y)[0],
        sp.diophantine(3 * X + 2 * Y - 1),
        sp.simplify(sp.gamma(X + 1) / sp.gamma(X)),
        sp.groebner([X * Y - 1, X - Y], X, Y).exprs,
        sp.isprime(2**61 - 1),
        sp.factorint(2**32 + 1),
        sp.integrate(1 / (X**3 + 1), X).has(sp.log),
    ]


def printed():
    formula = sp.Integral(sp.sqrt(X) / (Y + 1), (X, 0, sp.pi))
    from sympy.printing import (
        ccode,
        cxxcode,
        fcode,
        glsl_code,
        jscode,
        julia_code,
        maple_code,
        mathematica_code,
        octave_code,
        pycode,
        rcode,
        rust_code,
        smtlib_code,
    )

    small = sp.sin(X) ** 2 + Y / 3
    return [
        sp.latex(formula),
        len(sp.mathml(formula)),
        sp.pretty(sp.sqrt(X) / 2, use_unicode=True).count("─"),
        sp.srepr(X + 1),
        [
            len(str(given(small))) > 5
            for given in (ccode, cxxcode, fcode, glsl_code, jscode, julia_code, maple_code, mathematica_code, octave_code, pycode, rcode, rust_code)
        ],
        smtlib_code(X + 1 > Y, symbol_table={X: float, Y: float})[:20],
        len(sp.dotprint(small)),
    ]


def mathml():
    from sympy.utilities.mathml import c2p

    return len(c2p("<math><apply><plus/><ci>x</ci><cn>1</cn></apply></math>")) > 50


def read():
    from sympy.parsing.latex import parse_latex, parse_latex_lark
    from sympy.parsing.mathematica import parse_mathematica
    from sympy.parsing.maxima import parse_maxima
    from sympy.parsing.sympy_parser import implicit_multiplication_application, parse_expr, standard_transformations

    told = [
        parse_expr("2x + sin x", transformations=(*standard_transformations, implicit_multiplication_application)),
        parse_mathematica("Sin[x]^2"),
        parse_maxima("sin(x)^2"),
        sp.sympify("Max(x, 2)"),
        parse_latex_lark(r"\frac{x}{2} + \sqrt{y}"),
    ]
    told.append(parse_latex(r"\int_0^1 x dx", backend="lark"))
    try:
        told.append(parse_latex(r"x^2"))
    except ImportError as error:
        told.append(str(error)[:30])
    return told


def turned_into_functions():
    import numpy as np

    values = np.linspace(0, 1, 5)
    told = [round(float(np.sum(sp.lambdify(X, sp.sin(X) + X, name)(values if name != "math" else 0.5))), 3) for name in ("numpy", "math", "scipy")]
    told.append(str(sp.lambdify(X, sp.sin(X), "mpmath")(1))[:8])
    told.append(round(float(sp.lambdify(X, sp.besselj(0, X), "scipy")(1.0)), 4))
    told.append(round(float(sp.lambdify(X, X**2 + 1, "numexpr")(2.0)), 2) if _has("numexpr") else "no numexpr")
    return told


def _has(name):
    import importlib.util

    return importlib.util.find_spec(name) is not None


def generated():
    import numpy as np
    from sympy.utilities.autowrap import autowrap, ufuncify
    from sympy.utilities.codegen import codegen

    [(name, code), (head, _)] = codegen(("f", X**2 + Y), language="C99", prefix="made")
    function = autowrap(sp.sin(X) ** 2 + Y, backend="cython", args=(X, Y))
    many = ufuncify((X, Y), X * Y + 1, backend="numpy")
    told = [name, head, "pow" in code, round(function(1.0, 2.0), 4), many(np.arange(3.0), 2.0).tolist()]
    for language in ("Octave", "Julia", "Rust", "F95"):
        told.append(codegen(("f", X + Y), language=language)[0][0])
    return told


def other_fields():
    from sympy import combinatorics, crypto, geometry, stats
    from sympy.physics import mechanics, quantum, units
    from sympy.physics.continuum_mechanics.beam import Beam
    from sympy.physics.optics import RayTransferMatrix

    mechanics.dynamicsymbols("q")
    die = stats.Die("d", 6)
    return [
        units.convert_to(3 * units.mile, units.meter).evalf(6),
        stats.E(die),
        combinatorics.SymmetricGroup(4).order(),
        geometry.Circle((0, 0), 2).area,
        crypto.encipher_vigenere("TEA", "KEY"),
        quantum.Commutator(quantum.Operator("a"), quantum.Operator("b")),
        Beam(4, 1, 1).length,
        RayTransferMatrix(1, 0, 0, 1).A,
        stats.density(stats.Normal("n", 0, 1))(0),
    ]


def plotted():
    import matplotlib

    matplotlib.use("agg")
    from sympy.plotting.textplot import textplot_str

    sp.plot(sp.sin(X), (X, 0, 3), show=False).save("sin.png")
    sp.plotting.plot3d(X * Y, (X, -1, 1), (Y, -1, 1), show=False).save("two.png")
    sp.plot_implicit(X**2 + Y**2 - 1, show=False).save("circle.png")
    text = textplot_str(X, 0, 1)
    try:
        sp.preview(X, output="png", viewer="file", filename="x.png")
        seen = "seen"
    except (RuntimeError, OSError) as error:
        seen = type(error).__name__
    return [open("sin.png", "rb").read(4), len(list(text)) > 5, seen]


def quantities():
    import pint

    registry = pint.UnitRegistry()
    far = 3 * registry.mile
    with registry.context("sp"):
        told = [round((500 * registry.nm).to("THz").magnitude, 1)]
    told += [
        round(far.to("km").magnitude, 3),
        f"{far:~P}",
        f"{(9.81 * registry.m / registry.s**2):L}",
        f"{(9.81 * registry.m / registry.s**2):~H}",
        registry.Quantity(20, "degC").to("degF").magnitude.__round__(1),
        str(registry.parse_expression("2 kg*m/s^2").to("newton")),
        str((1 * registry.speed_of_light).to_base_units())[:9],
        f"{(3.0 * registry.m).plus_minus(0.1):.2f}",
        len(dir(registry.sys)),
        str((3 * registry.pint).to("liter"))[:5],
        (1 * registry.hour).to_timedelta().seconds,
        str((12345 * registry.m).to_compact()),
    ]
    for system in ("imperial", "cgs", "US"):
        told.append(str(pint.UnitRegistry(system=system)("1 m").to_base_units())[:16])
    try:
        registry("3 furlongz")
    except pint.UndefinedUnitError as error:
        told.append(str(error))
    from uncertainties import ufloat, umath

    import numpy as np

    told += [str(umath.sin(ufloat(1, 0.1))), f"{ufloat(3.14159, 0.002):.1uS}", (np.arange(3) * registry.m).sum().magnitude]
    with open("units.txt", "w") as file:
        file.write("cup_of_tea = 0.2 * liter = cot\n@group lab\n  spoon = 0.005 * liter\n@end\n")
    registry.load_definitions("units.txt")
    return [*told, str(registry("3 cup_of_tea").to("liter")), str(pint.UnitRegistry(non_int_type=__import__("decimal").Decimal)("1.1 m"))]


GRAMMAR = r"""
?start: sum
?sum: product | sum "+" product -> add
?product: atom | product "*" atom -> mul
?atom: NUMBER -> number | "(" sum ")"
%import common.NUMBER
%import common.WS
%ignore WS
"""


def grammars():
    import subprocess
    import sys

    from lark import Lark, Transformer, v_args
    from lark.reconstruct import Reconstructor

    @v_args(inline=True)
    class Calculate(Transformer):
        from operator import add, mul

        number = float

    told = [
        Calculate().transform(Lark(GRAMMAR, parser=parser, **({"lexer": lexer} if lexer else {})).parse("2 * (3 + 4)"))
        for parser, lexer in (("lalr", "contextual"), ("lalr", "basic"), ("earley", "dynamic"), ("earley", "dynamic_complete"), ("cyk", None))
    ]
    python = Lark.open_from_package(
        "lark",
        "python.lark",
        ["grammars"],
        parser="lalr",
        postlex=__import__("lark.indenter", fromlist=["PythonIndenter"]).PythonIndenter(),
        start="file_input",
        maybe_placeholders=True,
    )
    told.append(python.parse("def f(x):\n    return x + 1\n").data)
    meta = Lark.open_from_package("lark", "lark.lark", ["grammars"], parser="lalr")
    told.append(len(meta.parse(GRAMMAR.strip() + "\n").children) > 3)
    told.append(Reconstructor(Lark(GRAMMAR, maybe_placeholders=False)).reconstruct(Lark(GRAMMAR, maybe_placeholders=False).parse("1+2")))
    with open("calc.lark", "w") as file:
        file.write(GRAMMAR)
    done = subprocess.run([sys.executable, "-m", "lark.tools.standalone", "calc.lark", "--start", "start"], capture_output=True, text=True, check=True)
    with open("standalone.py", "w") as file:
        file.write(done.stdout)
    told.append(
        subprocess.run(
            [sys.executable, "-c", "import standalone; print(standalone.Lark_StandAlone().parse('1+2').data)"], capture_output=True, text=True, check=True
        ).stdout.strip()
    )
    from lark.ast_utils import Ast  # noqa: F401
    from lark.exceptions import UnexpectedInput

    try:
        Lark(GRAMMAR, parser="lalr").parse("2 * ")
    except UnexpectedInput as error:
        told.append(type(error).__name__)
    Lark(GRAMMAR, parser="lalr", cache="grammar.cache").parse("1")
    told.append(Lark(GRAMMAR, parser="lalr", cache="grammar.cache").parse("1").data)
    return told
