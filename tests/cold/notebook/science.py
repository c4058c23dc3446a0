"""scipy beyond the profile: solvers, files of other programs, tables, processes that share work."""
import io, os, sys, warnings
warnings.simplefilter("ignore")
import numpy as np, scipy
import scipy.stats.sampling
from scipy import cluster, constants, fft, integrate, interpolate, io as sio, linalg, ndimage, odr, optimize, signal, sparse, spatial, special, stats


def tried(name, work):
    try:
        got = work()
    except BaseException as error:
        got = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:120] if str(error).strip() else ''}"
    print(name, got, flush=True)


os.makedirs("/tmp/sc", exist_ok=True); os.chdir("/tmp/sc")
for how in ("Nelder-Mead", "Powell", "CG", "BFGS", "L-BFGS-B", "TNC", "COBYLA", "COBYQA", "SLSQP", "trust-constr"):
    tried(f"minimize {how}", lambda: round(abs(float(optimize.minimize(lambda x: (x[0] - 1) ** 2, [0.0], method=how).x[0])), 2))
for how in ("highs", "highs-ds", "highs-ipm", "interior-point"):
    tried(f"linprog {how}", lambda: float(optimize.linprog([1], bounds=[(2, None)], method=how).fun))
tried("milp", lambda: float(optimize.milp([-1], integrality=[1], bounds=optimize.Bounds(0, 2.5)).fun))
tried("global", lambda: [round(float(work(lambda x: (x[0] - 1) ** 2, [(-2, 2)]).fun), 2) for work in (optimize.differential_evolution, optimize.dual_annealing, optimize.shgo, optimize.direct)])
tried("fits", lambda: (optimize.curve_fit(lambda x, a: a * x, [1, 2], [2, 4])[0].round(3).tolist(), [round(float(optimize.least_squares(lambda x: x - 1, [0.0], method=how).x[0]), 3) for how in ("trf", "dogbox", "lm")], optimize.nnls(np.eye(2), np.ones(2))[0].tolist(), optimize.linear_sum_assignment(np.eye(2))[1].tolist(), optimize.quadratic_assignment(np.eye(2), np.eye(2)).fun, odr.ODR(odr.RealData([1, 2], [2, 4]), odr.unilinear).run().info))
for how in ("RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA"):
    tried(f"ivp {how}", lambda: round(float(integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0], method=how, rtol=1e-6).y[0, -1]), 3))
for how in ("vode", "zvode", "lsoda", "dopri5", "dop853"):
    tried(f"ode {how}", lambda: round(abs(integrate.ode(lambda t, y: -y).set_integrator(how).set_initial_value([1.0]).integrate(1)[0]), 3))
tried("quadrature", lambda: (integrate.quad(np.exp, 0, 1)[0], integrate.dblquad(lambda x, y: x * y, 0, 1, 0, 1)[0], integrate.quad_vec(lambda x: np.ones(2) * x, 0, 1)[0].tolist(), float(integrate.qmc_quad(lambda x: x, 0, 1, n_estimates=2).integral) > 0, integrate.solve_bvp(lambda x, y: np.vstack((y[1], -y[0])), lambda a, b: [a[0], b[0] - 1], [0, 1], np.zeros((2, 2))).status))
tried("interpolation", lambda: [interpolate.CubicSpline([0, 1, 2], [0, 1, 4])(1.5).item(), interpolate.griddata(np.eye(3, 2), [1, 2, 3], [[0.2, 0.2]], method="cubic").size, interpolate.RBFInterpolator(np.arange(9.0).reshape(3, 3) ** 2 + np.eye(3), [1, 2, 3], degree=0)(np.ones((1, 3))).size, interpolate.RegularGridInterpolator(([0, 1], [0, 1]), np.eye(2))([[0.5, 0.5]]).item(), interpolate.make_smoothing_spline(np.arange(9.0), np.arange(9.0) ** 2)(1.0).round(1).item(), interpolate.splrep([0, 1, 2, 3], [0, 1, 4, 9])[2], interpolate.PchipInterpolator([0, 1], [0, 1])(0.5).item(), interpolate.AAA([0.0, 1, 2, 3], [0.0, 1, 2, 3])(0.5).round(2).item() if hasattr(interpolate, "AAA") else ""])
square = sparse.diags([1, 4, 1], [-1, 0, 1], shape=(30, 30), format="csc")
tried("sparse", lambda: (sparse.linalg.spsolve(square, np.ones(30)).sum().round(3), sparse.linalg.eigsh(square, 2)[0].size, sparse.linalg.svds(square, 2, solver="lobpcg")[1].size, sparse.linalg.gmres(square, np.ones(30))[1], sparse.linalg.splu(square).nnz > 30, sparse.linalg.expm(square).shape, sparse.csgraph.shortest_path(square)[0, 1], sparse.csgraph.maximum_bipartite_matching(square.tocsr()).size))
tried("umfpack", lambda: sparse.linalg.use_solver(useUmfpack=True) or sparse.linalg.spsolve(square, np.ones(30)).size)
tried("linear", lambda: (linalg.expm(np.eye(2))[0, 0].round(3), linalg.schur(np.eye(2))[0][0, 0], linalg.qz(np.eye(2), np.eye(2))[0].shape, linalg.interpolative.estimate_rank(np.eye(3), 0.1), linalg.solve_sylvester(np.eye(2), np.eye(2), np.eye(2))[0, 0], linalg.cython_blas.__name__, linalg.sqrtm(np.eye(2) * 4)[0, 0].real, linalg.lapack.dgesv(np.eye(2), np.ones(2))[3]))
points = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0.3, 0.4], [0.6, 0.1]])
tried("space", lambda: (spatial.Delaunay(points).simplices.shape[1], spatial.ConvexHull(points).area, spatial.Voronoi(points).vertices.shape[1], spatial.cKDTree(points).query([0, 0])[1], spatial.distance.cdist(points, points, "jensenshannon").shape, spatial.transform.Rotation.from_euler("z", 90, degrees=True).as_quat().round(2).tolist(), spatial.SphericalVoronoi(np.vstack((np.eye(3), -np.eye(3)))).vertices.shape, spatial.procrustes(points, points)[2].round(3)))
tried("statistics", lambda: (stats.norm.fit([1, 2, 3])[0], stats.kstest([0.1, 0.5], "uniform").pvalue.round(3), stats.mannwhitneyu([1, 2], [3, 4]).pvalue.round(3), stats.gaussian_kde([1, 2, 3.0])(2).round(2).item(), stats.qmc.Sobol(2, seed=1).random(2).shape, stats.qmc.Halton(2).random(2).shape, stats.levy_stable.pdf(0.0, 1.5, 0).round(3), stats.multivariate_normal.cdf([0, 0], [0, 0], np.eye(2)).round(2), stats.studentized_range.cdf(3, 3, 10).round(3), stats.boschloo_exact([[1, 2], [3, 4]]).pvalue.round(2), stats.tukey_hsd([1, 2, 3], [2, 3, 4]).pvalue.shape, stats.sampling.NumericalInverseHermite(stats.norm()).rvs(1).size, stats.ncf.mean(3, 5, 1).round(2), stats.wilcoxon([1, 2, 3.5]).pvalue, stats.anderson([1, 2, 3.0]).statistic.round(2), stats.bootstrap(([1, 2, 3.0],), np.mean, n_resamples=9).standard_error > 0))
tried("Sobol in many dimensions", lambda: stats.qmc.Sobol(2000, seed=1).random(1).shape)
tried("signals", lambda: ([signal.get_window(name, 8).size for name in ("hann", ("kaiser", 3), ("dpss", 2), "flattop", ("chebwin", 60), "taylor")], signal.butter(2, 0.2)[0].size, signal.savgol_filter(np.arange(9.0), 3, 1).size, signal.find_peaks([0, 1, 0])[0].tolist(), signal.stft(np.ones(64), nperseg=16)[2].shape, signal.convolve2d(np.eye(3), np.eye(2)).shape, signal.remez(5, [0, 0.1, 0.2, 0.5], [1, 0]).size, signal.max_len_seq(4)[0].size, signal.upfirdn([1], [1, 2], 2).size, signal.lombscargle(np.arange(5.0), np.ones(5), [1.0]).size, signal.TransferFunction([1], [1, 1]).poles.tolist(), signal.bspline if False else signal.cspline1d(np.ones(5)).size))
tried("pictures", lambda: (ndimage.gaussian_filter(np.eye(5), 1).shape, ndimage.label(np.eye(3))[1], ndimage.zoom(np.eye(2), 2).shape, ndimage.distance_transform_edt(np.eye(3)).max(), ndimage.watershed_ift(np.eye(3, dtype="u1"), np.eye(3, dtype="i4")).shape))
tried("transforms", lambda: (fft.dct([1, 2.0]).tolist(), fft.fht(np.ones(4), 0.1, 0).size, fft.next_fast_len(13), fft.rfft(np.ones(8, "f2") if False else np.ones(8), workers=2).size, [fft.set_backend("scipy").__enter__()]))
tried("special", lambda: (special.jv(0, 1).round(3), special.ellipk(0.5).round(3), special.roots_legendre(3)[0].size, special.lambertw(1).real.round(3), special.mathieu_a(1, 1).round(2), special.hyp2f1(1, 1, 2, 0.5).round(3), special.wrightomega(1), special.sph_harm_y(0, 0, 0, 0).real.round(3) if hasattr(special, "sph_harm_y") else "", special.binom(5, 2), special.factorial(20, exact=True)))
tried("clusters", lambda: (cluster.vq.kmeans2(points, 2, seed=1)[0].shape, cluster.hierarchy.linkage(points).shape, cluster.hierarchy.dendrogram(cluster.hierarchy.linkage(points), no_plot=True)["leaves"]))
tried("constants", lambda: (constants.c, constants.value("electron mass"), len(constants.find("mass")) > 5, constants.convert_temperature(0, "C", "K")))
tried("files", lambda: (sio.savemat("a.mat", {"a": np.eye(2)}), sio.loadmat("a.mat")["a"].shape, sio.whosmat("a.mat"), sio.wavfile.write("a.wav", 8000, np.zeros(9, "i2")), sio.wavfile.read("a.wav")[0], sio.mmwrite("a.mtx", square), sio.mmread("a.mtx").shape, sio.netcdf_file("a.nc", "w").createDimension("x", 1), sio.hb_write("a.hb", square), sio.hb_read("a.hb").shape, sparse.save_npz("a.npz", square), sio.FortranFile("a.f", "w").write_record([1])))
tried("arff", lambda: sio.arff.loadarff(io.StringIO("@relation r\n@attribute a numeric\n@data\n1\n"))[1].names())
tried("data sets", lambda: scipy.datasets.face())
tried("idl", lambda: sio.readsav("a.mat"))
tried("configuration", lambda: (sorted(scipy.show_config(mode="dicts")), np.show_config(mode="dicts")["Build Dependencies"]["blas"]["found"]))
tried("numpy", lambda: (np.random.Generator(np.random.SFC64(1)).integers(9), np.random.Generator(np.random.MT19937(1)).integers(9), np.polynomial.Chebyshev([1, 2])(1), np.ma.array([1], mask=[1]).sum(), np.rec.array([(1,)]).size, np.char.upper(["a"]).tolist(), np.strings.upper(["a"]).tolist() if hasattr(np, "strings") else "", np.lib.format.magic(1, 0), np.ctypeslib.as_array((__import__("ctypes").c_int * 2)(1, 2)).tolist(), np.loadtxt(io.StringIO("1 2")).tolist(), np.genfromtxt(io.StringIO("1,2"), delimiter=",").tolist(), np.memmap("m", "u1", "w+", shape=3).size, np.busday_count("2026-01-01", "2026-01-31"), np.typing.NDArray.__name__ if hasattr(np.typing.NDArray, "__name__") else ""))
tried("numpy info", lambda: (np.info(np.sum, output=io.StringIO()), np.lib.introspect.opt_func_info(func_name="add", signature="float64") != {} if hasattr(np.lib, "introspect") else ""))
import numexpr
tried("numexpr", lambda: (numexpr.evaluate("sin(a) * 2", {"a": np.zeros(3)}).tolist(), numexpr.get_vml_version(), numexpr.detect_number_of_cores() > 0))
sys.stdout.flush(); os._exit(0)
