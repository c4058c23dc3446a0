"""Solvers by name."""

import os

import numpy as np


def _cvxpy(solver, kind):
    import cvxpy as cp

    x = cp.Variable(2, integer=kind == "integer") if kind != "semidefinite" else cp.Variable((2, 2), symmetric=True)
    if kind == "linear":
        problem = cp.Problem(cp.Minimize(x[0] + 2 * x[1]), [x >= 1, x[0] + x[1] >= 3])
    elif kind == "quadratic":
        problem = cp.Problem(cp.Minimize(cp.sum_squares(x - np.array([1.0, 2.0]))), [x >= 0, cp.sum(x) <= 2])
    elif kind == "cone":
        problem = cp.Problem(cp.Minimize(cp.norm(x - np.array([3.0, 4.0]))), [cp.norm(x) <= 1])
    elif kind == "exponential":
        problem = cp.Problem(cp.Maximize(cp.sum(cp.entr(x))), [cp.sum(x) == 1])
    elif kind == "semidefinite":
        problem = cp.Problem(cp.Minimize(cp.trace(x)), [x >> 0, x[0, 1] == 1])
    else:
        problem = cp.Problem(cp.Maximize(5 * x[0] + 4 * x[1]), [6 * x[0] + 4 * x[1] <= 24, x[0] + 2 * x[1] <= 6, x >= 0])
    problem.solve(solver=solver)
    return f"{problem.status} {problem.value + 0.0:.2f}"


def cvxpy_families():
    import cvxpy as cp

    asked = {
        "linear": ["CLARABEL", "OSQP", "SCS", "ECOS", "HIGHS", "SCIPY", "CVXOPT", "GLPK"],
        "quadratic": ["CLARABEL", "OSQP", "SCS", "ECOS", "CVXOPT", "HIGHS"],
        "cone": ["CLARABEL", "SCS", "ECOS", "CVXOPT"],
        "exponential": ["CLARABEL", "SCS", "ECOS"],
        "semidefinite": ["CLARABEL", "SCS", "CVXOPT"],
        "integer": ["HIGHS", "SCIPY", "GLPK_MI", "ECOS_BB"],
    }
    installed = set(cp.installed_solvers())
    return [
        f"{kind}/{solver} {_cvxpy(solver, kind)};" if solver in installed else f"{kind}/{solver} is not there;"
        for kind, solvers in asked.items()
        for solver in solvers
    ]


def cvxpy_more():
    import cvxpy as cp

    x = cp.Variable(3, pos=True)
    geometric = cp.Problem(cp.Maximize(x[0] * x[1] * x[2]), [x[0] + x[1] + x[2] <= 3])
    geometric.solve(gp=True)
    given = cp.Parameter(nonneg=True)
    y = cp.Variable(4)
    path = cp.Problem(cp.Minimize(cp.sum_squares(np.arange(16.0).reshape(4, 4) @ y - 1) + given * cp.norm1(y)))
    values = []
    for given.value in (0.1, 10.0):
        values.append(round(path.solve(solver=cp.CLARABEL), 2))
    convex = cp.Problem(cp.Minimize(cp.ceil(cp.Variable(nonneg=True) - 2.5)))
    convex.solve(qcp=True, low=-10, high=10)
    return [round(geometric.value, 2), values, round(float(convex.value)), path.is_dpp()]


def cvxpy_wrong():
    import cvxpy as cp

    x = cp.Variable()
    ends = []
    for problem, options in (
        (cp.Problem(cp.Minimize(cp.sqrt(x))), {}),
        (cp.Problem(cp.Minimize(x), [x >= 1]), {"solver": "MOSEK"}),
        (cp.Problem(cp.Minimize(x), [x >= 1, x <= 0]), {}),
    ):
        try:
            problem.solve(**options)
            ends.append(problem.status)
        except cp.error.DCPError:
            ends.append("DCPError")
        except cp.error.SolverError as error:
            ends.append(str(error)[:40])
    return ends


def ortools_linear():
    from ortools.linear_solver import pywraplp

    told = []
    for name in ("GLOP", "PDLP", "CLP", "CBC", "SCIP", "SAT", "BOP", "HIGHS", "GUROBI"):
        solver = pywraplp.Solver.CreateSolver(name)
        if solver is None:
            told.append(f"{name} none;")
            continue
        if solver.IsMip():
            x, y = solver.IntVar(0, 10, "x"), solver.IntVar(0, 10, "y")
        else:
            x, y = solver.NumVar(0, 10, "x"), solver.NumVar(0, 10, "y")
        solver.Add(6 * x + 4 * y <= 24)
        solver.Add(x + 2 * y <= 6)
        solver.Maximize(5 * x + 4 * y)
        status = solver.Solve()
        told.append(f"{name} {status} {solver.Objective().Value():.1f} {len(solver.ExportModelAsLpFormat(False)) > 50};")
    return told


def ortools_constraints():
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    queens = [model.new_int_var(0, 7, f"q{row}") for row in range(8)]
    model.add_all_different(queens)
    model.add_all_different(queens[row] + row for row in range(8))
    model.add_all_different(queens[row] - row for row in range(8))
    tasks = [model.new_interval_var(model.new_int_var(0, 20, f"s{item}"), 3, model.new_int_var(0, 20, f"e{item}"), f"i{item}") for item in range(3)]
    model.add_no_overlap(tasks)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    status = solver.solve(model)
    return [solver.status_name(status), sorted(solver.value(queen) for queen in queens), model.validate() == "", "variables" in str(model.proto)]


def ortools_routes():
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    places = [(0, 0), (0, 5), (5, 5), (5, 0), (2, 7)]
    manager = pywrapcp.RoutingIndexManager(len(places), 1, 0)
    routing = pywrapcp.RoutingModel(manager)

    def far(start, end):
        first, second = places[manager.IndexToNode(start)], places[manager.IndexToNode(end)]
        return abs(first[0] - second[0]) + abs(first[1] - second[1])

    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitCallback(far))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    return routing.SolveWithParameters(parameters).ObjectiveValue()


def ortools_graphs():
    from ortools.algorithms.python import knapsack_solver
    from ortools.graph.python import linear_sum_assignment, max_flow, min_cost_flow

    flow = max_flow.SimpleMaxFlow()
    for start, end, most in ((0, 1, 5), (0, 2, 3), (1, 3, 4), (2, 3, 9)):
        flow.add_arc_with_capacity(start, end, most)
    flow.solve(0, 3)
    cheap = min_cost_flow.SimpleMinCostFlow()
    cheap.add_arc_with_capacity_and_unit_cost(0, 1, 4, 2)
    cheap.set_node_supply(0, 3)
    cheap.set_node_supply(1, -3)
    cheap.solve()
    pairs = linear_sum_assignment.SimpleLinearSumAssignment()
    for left in range(2):
        for right in range(2):
            pairs.add_arc_with_cost(left, right, [[1, 5], [4, 2]][left][right])
    pairs.solve()
    sack = knapsack_solver.KnapsackSolver(knapsack_solver.SolverType.KNAPSACK_MULTIDIMENSION_BRANCH_AND_BOUND_SOLVER, "sack")
    sack.init([10, 20, 30], [[1, 2, 4]], [6])
    return [flow.optimal_flow(), cheap.optimal_cost(), pairs.optimal_cost(), sack.solve()]


def ortools_mathopt():
    from ortools.math_opt.python import mathopt

    told = []
    for solver in (mathopt.SolverType.GSCIP, mathopt.SolverType.GLOP, mathopt.SolverType.CP_SAT, mathopt.SolverType.PDLP):
        model = mathopt.Model(name="small")
        x = model.add_variable(lb=0, ub=4, is_integer=solver == mathopt.SolverType.CP_SAT, name="x")
        model.add_linear_constraint(2 * x <= 6)
        model.maximize(3 * x)
        told.append(round(mathopt.solve(model, solver).objective_value(), 1))
    return told


def _small(pyo, whole):
    model = pyo.ConcreteModel()
    model.x = pyo.Var(domain=pyo.NonNegativeIntegers if whole else pyo.NonNegativeReals)
    model.y = pyo.Var(domain=pyo.NonNegativeReals)
    model.first = pyo.Constraint(expr=6 * model.x + 4 * model.y <= 24)
    model.second = pyo.Constraint(expr=model.x + 2 * model.y <= 6)
    model.goal = pyo.Objective(expr=5 * model.x + 4 * model.y, sense=pyo.maximize)
    return model


def pyomo_solvers():
    import pyomo.environ as pyo

    told = []
    for name in ("appsi_highs", "highs", "glpk", "cbc", "ipopt", "scip", "gurobi", "nothing"):
        solver = pyo.SolverFactory(name)
        if not solver.available(exception_flag=False):
            told.append(f"{name} none;")
            continue
        for whole in (False, True):
            model = _small(pyo, whole)
            result = solver.solve(model)
            told.append(f"{name} {result.solver.termination_condition} {pyo.value(model.goal):.1f};")
    return told


def pyomo_writers():
    import pyomo.environ as pyo

    sizes = []
    for ending in ("lp", "nl", "mps", "gms", "bar"):
        _small(pyo, True).write(f"model.{ending}", io_options={"symbolic_solver_labels": True})
        sizes.append(os.path.getsize(f"model.{ending}") > 100)
    return sizes


def pyomo_data():
    import pyomo.environ as pyo

    with open("needs.csv", "w") as file:
        file.write("food,need\nbread,2\ntea,1\n")
    with open("more.dat", "w") as file:
        file.write("param price := bread 3 tea 4 ;\nset LIKED := tea ;\n")
    with open("rest.json", "w") as file:
        file.write('{"limit": 9}')
    model = pyo.AbstractModel()
    model.FOOD = pyo.Set()
    model.LIKED = pyo.Set(within=model.FOOD)
    model.need = pyo.Param(model.FOOD)
    model.price = pyo.Param(model.FOOD)
    model.limit = pyo.Param()
    data = pyo.DataPortal()
    data.load(filename="needs.csv", index=model.FOOD, param=model.need)
    data.load(filename="more.dat")
    data.load(filename="rest.json")
    made = model.create_instance(data)
    made.pprint(ostream=open("told.txt", "w"))
    return [pyo.value(sum(made.need[item] * made.price[item] for item in made.FOOD)), made.limit.value, "LIKED" in open("told.txt").read()]


def pyomo_transformations():
    import pyomo.dae as dae
    import pyomo.environ as pyo
    import pyomo.gdp as gdp

    told = []
    for name in ("gdp.bigm", "gdp.hull", "gdp.mbigm"):
        model = pyo.ConcreteModel()
        model.x = pyo.Var(bounds=(0, 10))
        model.choice = gdp.Disjunction(expr=[[model.x <= 2], [model.x >= 7, model.x <= 8]])
        model.goal = pyo.Objective(expr=model.x, sense=pyo.maximize)
        options = {"solver": pyo.SolverFactory("glpk")} if name == "gdp.mbigm" else {}
        pyo.TransformationFactory(name).apply_to(model, **options)
        pyo.SolverFactory("appsi_highs").solve(model)
        told.append(round(pyo.value(model.x), 2))
    model = pyo.ConcreteModel()
    model.t = dae.ContinuousSet(bounds=(0, 1))
    model.z = pyo.Var(model.t)
    model.dz = dae.DerivativeVar(model.z, wrt=model.t)
    model.law = pyo.Constraint(model.t, rule=lambda model, t: model.dz[t] == -model.z[t])
    model.z[0].fix(1.0)
    model.goal = pyo.Objective(expr=0)
    pyo.TransformationFactory("dae.collocation").apply_to(model, nfe=4, ncp=3, scheme="LAGRANGE-RADAU")
    pyo.SolverFactory("appsi_highs").solve(model)
    model2 = _small(pyo, True)
    pyo.TransformationFactory("core.relax_integer_vars").apply_to(model2)
    return [told, round(pyo.value(model.z[1]), 3), model2.x.domain.name]


def pyomo_more():
    import pyomo.environ as pyo
    from pyomo.contrib.fbbt.fbbt import fbbt
    from pyomo.contrib.latex_printer import latex_printer
    from pyomo.core.expr.sympy_tools import sympyify_expression
    from pyomo.util.check_units import assert_units_consistent

    model = _small(pyo, False)
    fbbt(model)
    held = pyo.ConcreteModel()
    held.far = pyo.Var(units=pyo.units.km, initialize=3)
    held.near = pyo.Constraint(expr=held.far <= 5 * pyo.units.km)
    assert_units_consistent(held)
    return [
        model.x.ub,
        "maximize" in latex_printer(model) or "max" in latex_printer(model),
        str(sympyify_expression(model.x**2 + 1)[1]),
        str(pyo.units.convert(3 * pyo.units.km, pyo.units.m))[:6],
    ]


def scipy_too():
    from scipy import optimize

    told = [
        f"{method} {optimize.minimize(optimize.rosen, [1.3, 0.7], method=method, jac=optimize.rosen_der if method in ('BFGS', 'trust-krylov', 'Newton-CG') else None, hess=optimize.rosen_hess if method == 'trust-krylov' else None, tol=1e-8).fun < 1e-3};"
        for method in ("Nelder-Mead", "Powell", "BFGS", "L-BFGS-B", "TNC", "COBYLA", "SLSQP", "trust-constr", "trust-krylov", "Newton-CG")
    ]
    linear = [optimize.linprog([1, 2], A_ub=[[-1, -1]], b_ub=[-3], method=method).fun for method in ("highs", "highs-ds", "highs-ipm")]
    return [
        told,
        linear,
        optimize.milp([-1, -1], constraints=optimize.LinearConstraint([[2, 1]], ub=[3]), integrality=[1, 1]).fun,
        optimize.differential_evolution(optimize.rosen, [(0, 2), (0, 2)], seed=1).fun < 1e-6,
    ]
