"""sympy: printers, functions made of formulas, code that is compiled, parsers, physics, plots."""
import os, sys, warnings, tempfile
warnings.simplefilter("ignore")
from sympy import *
import sympy, sympy.crypto, sympy.parsing.mathematica, sympy.parsing.maxima, sympy.stats
from sympy.integrals import manualintegrate
os.chdir(tempfile.mkdtemp())


def tried(name, work):
    try:
        got = work()
    except BaseException as error:
        got = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:120] if str(error).strip() else ''}"
    print(name, got, flush=True)


x, y, t = symbols("x y t")
f = Function("f")
tried("printers", lambda: [len(printer(Integral(sin(x) / sqrt(y), x))) > 3 for printer in (latex, pretty, srepr, mathml, mathematica_code, python)] + [len(printer(sin(x) + x**2)) > 3 for printer in (ccode, fcode, rust_code, glsl_code, jscode, cxxcode, rcode, pycode, julia_code, octave_code, maple_code, dotprint)])
tried("presentation", lambda: mathml(x**2, printer="presentation"))
for module in ("math", "mpmath", "numpy", "scipy", "numexpr", "sympy", "tensorflow", "jax", "torch", "cupy"):
    tried(f"lambdify {module}", lambda: float(lambdify(x, sin(x) + x**2, module)(1.0)))
tried("lambdify cse", lambda: lambdify((x, y), sin(x + y) * cos(x + y), cse=True)(1, 2))
tried("special", lambda: (lambdify(x, besselj(0, x), "scipy")(1.0), lambdify(x, erf(x), "scipy")(0.5)))
tried("numba", lambda: __import__("numba").njit(lambdify(x, sin(x), "numpy"))(0.0))
from sympy.utilities.autowrap import autowrap, ufuncify
tried("autowrap cython", lambda: float(autowrap(x**2 + 1, backend="cython")(3)))
tried("autowrap f2py", lambda: float(autowrap(x**2 + 1, backend="f2py")(3)))
tried("ufuncify", lambda: ufuncify(x, x**2)(__import__("numpy").arange(3.0)).tolist())
tried("ufuncify cython", lambda: ufuncify(x, x**2, backend="cython")(__import__("numpy").arange(3.0)).tolist())
from sympy.utilities.codegen import codegen
for language in ("C89", "C99", "F95", "Julia", "Octave", "Rust", "Nothing"):
    tried(f"codegen {language}", lambda: codegen(("g", x + y), language)[0][0])
from sympy.parsing.sympy_parser import parse_expr, standard_transformations, implicit_multiplication_application
tried("parse", lambda: parse_expr("2x sin x", transformations=standard_transformations + (implicit_multiplication_application,)))
from sympy.parsing.latex import parse_latex
for how in ("antlr", "lark"):
    tried(f"latex {how}", lambda: parse_latex(r"\frac{x}{2}", backend=how))
tried("others", lambda: (sympy.parsing.mathematica.parse_mathematica("Sin[x]"), sympy.parsing.maxima.parse_maxima("sin(x)")))
tried("autolev", lambda: __import__("sympy.parsing.autolev").parsing.autolev.parse_autolev("A = 1"))
tried("c parser", lambda: __import__("sympy.parsing.c.c_parser").parsing.c.c_parser.parse_c("int a;"))
tried("calculus", lambda: (integrate(exp(-x**2), (x, -oo, oo)), diff(sin(x) ** 2, x), limit(sin(x) / x, x, 0), series(exp(x), x, 0, 4), summation(1 / x**2, (x, 1, oo)), fourier_transform(exp(-x**2), x, y), laplace_transform(t, t, x)[0], mellin_transform(exp(-x), x, y)[0]))
tried("manual", lambda: (manualintegrate.manualintegrate(x * exp(x), x), manualintegrate.integral_steps(x, x).__class__.__name__, risch_integrate(exp(x), x), heurisch(x, x) if "heurisch" in globals() else ""))
tried("equations", lambda: (solve(x**3 - 1), nsolve(cos(x) - x, 1), linsolve([x + y - 1, x - y], x, y), nonlinsolve([x * y - 1], [x]), solveset(sin(x), x), diophantine(3 * x + 5 * y - 1), rsolve(f(x + 1) - 2 * f(x), f(x)) if False else "", dsolve(f(x).diff(x, 2) + f(x)), pdsolve(f(x, y).diff(x) + f(x, y).diff(y))))
tried("matrices", lambda: (Matrix([[1, 2], [3, 4]]).eigenvals(), Matrix([[1, 2], [3, 4]]).LUdecomposition()[0], Matrix([[2, 1], [1, 2]]).diagonalize()[1], MatrixSymbol("A", 2, 2).T, sympy.tensor.Array([[1, 2]])))
tried("logic", lambda: (sorted(map(str, satisfiable(x & ~y))), sympy.logic.simplify_logic(x & (x | y)), satisfiable(x, algorithm="pycosat") if False else "", sympy.ask(Q.positive(x), Q.positive(x)), sorted(map(str, sympy.logic.inference.satisfiable(x & y, algorithm="dpll2", all_models=False)))))
tried("solver z3", lambda: satisfiable(x, algorithm="z3"))
tried("solver pysat", lambda: satisfiable(x, algorithm="minisat22"))
from sympy.physics import units, mechanics, quantum, optics, vector, control, continuum_mechanics, secondquant, hep
tried("units", lambda: (units.convert_to(units.speed_of_light, [units.kilometer, units.hour]), units.convert_to(5 * units.joule, units.gram * units.meter**2 / units.second**2)))
tried("mechanics", lambda: mechanics.dynamicsymbols("q"))
tried("quantum", lambda: (quantum.qapply(quantum.Dagger(quantum.Ket("a")) * quantum.Ket("a")), __import__("sympy.physics.quantum.circuitplot"), __import__("sympy.physics.wigner").physics.wigner.clebsch_gordan(1, 1, 1, 0, 0, 0))[0::2])
tried("control", lambda: control.TransferFunction(1, x + 1, x).poles())
tried("statistics", lambda: (sympy.stats.E(sympy.stats.Normal("X", 0, 1) ** 2), sympy.stats.P(sympy.stats.Die("D", 6) > 3), sympy.stats.sample(sympy.stats.Normal("X", 0, 1), seed=1) is not None))
tried("numbers", lambda: (factorint(2**32 + 1), isprime(10**9 + 7), nextprime(100), sympy.ntheory.continued_fraction(Rational(3, 7)), pi.evalf(50), sympy.crypto.encipher_shift("TEA", 3)))
tried("polynomials", lambda: (factor(x**4 - 1), groebner([x * y - 1, x - y], x, y), Poly(x**2 - 2, x, extension=sqrt(2)).factor_list(), minimal_polynomial(sqrt(2) + 1, x), apart(1 / (x * (x + 1)))))
tried("geometry", lambda: (Circle(Point(0, 0), 1).intersection(Line(Point(0, 0), Point(1, 1))), Polygon((0, 0), (1, 0), (0, 1)).area))
tried("groups", lambda: (sympy.combinatorics.SymmetricGroup(4).order(), sympy.combinatorics.Permutation([1, 0]).order(), sympy.combinatorics.named_groups.AlternatingGroup(4).is_abelian))
tried("sets", lambda: (Interval(0, 1) & Interval(0.5, 2), FiniteSet(1, 2).powerset(), ImageSet(Lambda(x, x**2), S.Integers)))
tried("diffgeom", lambda: (__import__("sympy.diffgeom.rn").diffgeom.rn.R2.dim, __import__("sympy.liealgebras.root_system").liealgebras.root_system.RootSystem("A2").simple_roots(), __import__("sympy.categories").categories.Object("A")))
tried("holonomic", lambda: __import__("sympy.holonomic").holonomic.expr_to_holonomic(sin(x), x).annihilator)
tried("interactive", lambda: (init_printing(use_latex=False, no_global=True), sympy.interactive.init_session(quiet=True, argv=[]) if False else "")[1])
import matplotlib; matplotlib.use("agg")
for name, work in {"plot": lambda: plot(sin(x), show=False), "plot3d": lambda: plotting.plot3d(x * y, show=False), "parametric": lambda: plot_parametric(cos(x), sin(x), show=False), "implicit": lambda: plot_implicit(x**2 + y**2 - 1, show=False)}.items():
    tried(name, lambda: (work().save(f"{name}.png"), os.path.getsize(f"{name}.png") > 500)[1])
tried("text plot", lambda: textplot(x**2, -1, 1))
tried("pyglet plot", lambda: plotting.PygletPlot(x) if hasattr(plotting, "PygletPlot") else "none")
tried("preview", lambda: preview(x, viewer="file", filename="p.png"))
tried("doctest", lambda: __import__("sympy.testing.runtests").testing.runtests.SymPyDocTests.__name__)
tried("gmpy", lambda: (sympy.external.gmpy.GROUND_TYPES, sympy.external.import_module("flint") is None))
sys.stdout.flush(); os._exit(0)
