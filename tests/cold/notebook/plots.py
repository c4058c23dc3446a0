"""Plots: back ends, formats, fonts, mathematics, styles, animations, seaborn, plotly."""
import io, os, sys, warnings
warnings.simplefilter("ignore")
import matplotlib
import matplotlib.pyplot as plt
import numpy as np


def tried(name, work):
    try:
        got = work()
    except BaseException as error:
        got = f"{type(error).__name__}: {str(error).splitlines()[0][:120] if str(error) else ''}"
    plt.close("all")
    print(name, got, flush=True)


def drawn(form="png", **options):
    buffer = io.BytesIO()
    plt.savefig(buffer, format=form, **options)
    return form, len(buffer.getvalue()) > 500, buffer.getvalue()[:4]


def simple():
    plt.plot([1, 2], label="$\\alpha$"); plt.title("tea – größer"); plt.legend()


for form in sorted(plt.gcf().canvas.get_supported_filetypes()):
    tried(f"save {form}", lambda: (simple(), drawn(form))[1])
for name in sorted(matplotlib.backends.backend_registry.list_all()):
    def back():
        plt.switch_backend(name); simple(); plt.gcf().canvas.draw(); return plt.get_backend()
    tried(f"backend {name}", back)
plt.switch_backend("agg")
for name in ("dejavusans", "dejavuserif", "cm", "stix", "stixsans", "custom"):
    tried(f"mathtext {name}", lambda: (matplotlib.rc_context({"mathtext.fontset": name}).__enter__(), plt.text(0, 0, r"$\sum_{i}\frac{\sqrt[3]{x}}{\mathbb{R}\mathcal{L}\mathfrak{g}} \hat{a} \left(\int\right)$"), drawn("svg"))[2])
matplotlib.rcdefaults(); plt.switch_backend("agg")
for name in ("serif", "sans-serif", "monospace", "cursive", "fantasy", "Liberation Sans", "Nothing Sans"):
    tried(f"font {name}", lambda: (plt.text(0, 0, "abc", family=name), drawn("pdf"), os.path.basename(matplotlib.font_manager.findfont(name)))[2])
tried("font types", lambda: [(matplotlib.rc("pdf", fonttype=kind), matplotlib.rc("ps", fonttype=kind), simple(), drawn("pdf")[1], drawn("ps")[1])[3:] for kind in (3, 42)])
tried("core fonts", lambda: (matplotlib.rc("pdf", use14corefonts=True), matplotlib.rc("ps", useafm=True), plt.plot([1]), plt.title("x"), drawn("pdf")[1], drawn("ps")[1])[4:])
matplotlib.rcdefaults(); plt.switch_backend("agg")
tried("svg text", lambda: (matplotlib.rc("svg", fonttype="none"), simple(), drawn("svg")[1], drawn("svgz")[1])[2:])
tried("tex", lambda: (matplotlib.rc("text", usetex=True), simple(), drawn())[2])
matplotlib.rcdefaults(); plt.switch_backend("agg")
tried("fonts again", lambda: len(matplotlib.font_manager._load_fontmanager(try_read_cache=False).ttflist) > 30)
tried("fc-list", lambda: len(matplotlib.font_manager.findSystemFonts()) > 3)
for name in plt.style.available + ["nothing"]:
    def styled():
        with plt.style.context(name): simple(); return drawn()[1]
    tried(f"style {name}", styled)
tried("xkcd", lambda: (plt.xkcd().__enter__(), simple(), drawn()[1])[2])
matplotlib.rcdefaults(); plt.switch_backend("agg")
tried("colour maps", lambda: len([matplotlib.colormaps[name](0.5) for name in matplotlib.colormaps]) > 100)
tried("projections", lambda: [(plt.subplot(projection=name), drawn()[1])[1] for name in ("polar", "3d", "mollweide", "hammer", "aitoff", "lambert", "rectilinear")])
tried("3d", lambda: (plt.figure().add_subplot(projection="3d").plot_surface(*np.mgrid[0:3, 0:3], np.eye(3), cmap="viridis"), drawn()[1])[1])
tried("sample data", lambda: [type(__import__("matplotlib.cbook").cbook.get_sample_data(name)).__name__ for name in ("goog.npz", "s1045.ima.gz", "grace_hopper.jpg", "topobathy.npz", "nothing.npz")])
tried("dates", lambda: (plt.plot(np.array(["2026-01-01", "2026-05-01"], "M8"), [1, 2]), plt.gca().xaxis.set_major_formatter(matplotlib.dates.DateFormatter("%d %b", tz="Asia/Tokyo")), drawn()[1])[2])
tried("triangles", lambda: (plt.tricontourf([0, 1, 0, 1], [0, 0, 1, 1], [1, 2, 3, 4]), plt.contour(np.eye(4)), plt.streamplot(np.arange(3), np.arange(3), np.ones((3, 3)), np.ones((3, 3))), drawn()[1])[3])
tried("sankey", lambda: (__import__("matplotlib.sankey").sankey.Sankey(flows=[1, -1]).finish(), drawn()[1])[1])
tried("toolkits", lambda: (__import__("mpl_toolkits.axes_grid1.inset_locator"), __import__("mpl_toolkits.axisartist.floating_axes"), __import__("mpl_toolkits.mplot3d.art3d"), "ok")[3])
tried("pictures", lambda: [(plt.imsave(f"/tmp/p.{form}", np.eye(8), format=form), plt.imread(f"/tmp/p.{form}").shape)[1] for form in ("png", "jpg", "tiff", "webp", "gif")])
from matplotlib import animation
moving = lambda: animation.FuncAnimation(plt.figure(figsize=(1, 1)), lambda number: plt.plot([number, 1]), frames=2)
tried("writers", lambda: animation.writers.list())
tried("gif", lambda: (moving().save("/tmp/a.gif", writer="pillow"), os.path.getsize("/tmp/a.gif") > 100)[1])
tried("html", lambda: len(moving().to_jshtml()) > 1000)
tried("video", lambda: moving().to_html5_video())
tried("magick", lambda: (moving().save("/tmp/m.gif", writer="imagemagick"), os.path.getsize("/tmp/m.gif") > 100)[1])
from matplotlib.backends.backend_pdf import PdfPages
tried("pages", lambda: [(simple(), pages.savefig(), pages.get_pagecount())[2] for pages in [PdfPages("/tmp/p.pdf")]])
from matplotlib.testing import compare
tried("compare", lambda: (plt.imsave("/tmp/a.png", np.eye(8)), compare.compare_images("/tmp/a.png", "/tmp/a.png", 0))[1])
tried("converters", lambda: sorted(compare.converter))
tried("configuration", lambda: (os.path.basename(matplotlib.matplotlib_fname()), len(matplotlib.rc_params()) > 300))
import seaborn as sns, pandas as pd
frame = pd.DataFrame({"x": np.arange(40) % 7, "y": np.arange(40) ** 1.5, "k": list("ab") * 20, "z": np.sin(np.arange(40))})
for name in ("scatterplot", "lineplot", "histplot", "kdeplot", "ecdfplot", "rugplot", "stripplot", "swarmplot", "boxplot", "violinplot", "boxenplot", "pointplot", "barplot", "regplot", "residplot", "relplot", "displot", "catplot", "lmplot", "jointplot"):
    tried(f"sns {name}", lambda: (getattr(sns, name)(data=frame, x="x", y="y") if name not in ("rugplot", "ecdfplot") else getattr(sns, name)(data=frame, x="y"), drawn()[1])[1])
tried("sns more", lambda: (sns.pairplot(frame, hue="k"), sns.clustermap(frame[["x", "y", "z"]].corr()), sns.heatmap(frame[["x", "y"]].corr(), annot=True), drawn()[1])[3])
tried("sns robust", lambda: sns.regplot(data=frame, x="x", y="y", robust=True))
tried("sns lowess", lambda: sns.regplot(data=frame, x="x", y="y", lowess=True))
tried("sns palettes", lambda: [len(sns.color_palette(name)) for name in ("deep", "husl", "hls", "rocket", "mako", "flare", "Set2", "cubehelix", "ch:s=.25", "light:b", "blend:red,blue")] + [sns.xkcd_rgb["pale red"], sns.crayons["Almond"]])
for name in ("darkgrid", "whitegrid", "ticks"):
    tried(f"sns {name}", lambda: (sns.set_theme(style=name, context="talk"), sns.lineplot(data=frame, x="x", y="y"), drawn()[1])[2])
import seaborn.objects as so
tried("sns objects", lambda: (so.Plot(frame, "x", "y").add(so.Dots()).add(so.Line(), so.PolyFit()).add(so.Bar(), so.Agg(), so.Dodge()).facet("k").scale(color="viridis").save("/tmp/o.png"), os.path.getsize("/tmp/o.png") > 500)[1])
tried("sns data", lambda: sns.load_dataset("nothing"))
import plotly, plotly.express as px, plotly.graph_objects as go, plotly.io as pio
for name in ("scatter", "line", "bar", "area", "histogram", "box", "violin", "strip", "density_heatmap", "density_contour", "ecdf", "pie", "treemap", "sunburst", "icicle", "funnel", "timeline", "scatter_3d", "scatter_polar", "scatter_ternary", "scatter_geo", "scatter_map", "choropleth", "imshow", "parallel_coordinates"):
    def figure():
        options = {"pie": {"names": "k", "values": "x"}, "treemap": {"path": ["k", "x"], "values": "y"}, "sunburst": {"path": ["k", "x"], "values": "y"}, "icicle": {"path": ["k", "x"]}, "histogram": {"x": "x"}, "ecdf": {"x": "y"}, "timeline": {"x_start": "x", "x_end": "y", "y": "k"}, "scatter_3d": {"x": "x", "y": "y", "z": "z"}, "scatter_polar": {"r": "x", "theta": "y"}, "scatter_ternary": {"a": "x", "b": "y", "c": "y"}, "scatter_geo": {"lat": "x", "lon": "y"}, "scatter_map": {"lat": "x", "lon": "y"}, "choropleth": {"locations": "k"}, "parallel_coordinates": {}}.get(name, {"x": "x", "y": "y", "color": "k"})
        made = px.imshow(np.eye(3)) if name == "imshow" else getattr(px, name)(frame, **options)
        return len(made.to_json()) > 200
    tried(f"px {name}", figure)
for name in ("gapminder", "iris", "tips", "carshare", "election", "election_geojson", "wind", "stocks", "medals_long", "experiment"):
    tried(f"px data {name}", lambda: len(getattr(px.data, name)()))
for name in [*pio.templates, "plotly_white+xgridoff", "nothing"]:
    tried(f"template {name}", lambda: len(go.Figure(layout={"template": name}).to_json()) > 50)
tried("px trend", lambda: px.scatter(frame, x="x", y="y", trendline="ols"))
tried("plotly html", lambda: [len(go.Figure(go.Scatter(y=[1, 2])).to_html(include_plotlyjs=how)) > 100 for how in (True, False, "cdn", "directory")])
tried("plotly write", lambda: (go.Figure().write_html("/tmp/d.html", include_plotlyjs="directory"), os.path.getsize("/tmp/plotly.min.js") > 100000)[1])
for name in sorted(pio.renderers):
    tried(f"renderer {name}", lambda: (setattr(pio.renderers, "default", name), sorted(pio.renderers[name].to_mimebundle(go.Figure().to_dict())) if hasattr(pio.renderers[name], "to_mimebundle") else "external")[1])
tried("plotly picture", lambda: go.Figure().to_image("png"))
tried("plotly widget", lambda: type(go.FigureWidget()).__name__)
from plotly import figure_factory as ff
tried("ff dendrogram", lambda: len(ff.create_dendrogram(np.eye(4)).data))
tried("ff table", lambda: len(ff.create_table([["a"], ["b"]]).data))
tried("ff distplot", lambda: len(ff.create_distplot([[1, 2, 3.0]], ["a"]).data))
tried("ff county", lambda: ff.create_choropleth(fips=["06021"], values=[1]))
tried("plotly error", lambda: go.Figure(go.Scatter(colour="x")))
tried("from matplotlib", lambda: (simple(), type(plotly.tools.mpl_to_plotly(plt.gcf())).__name__)[1])
tried("colours", lambda: (len(px.colors.sequential.Viridis), len(px.colors.qualitative.Plotly), len(px.colors.named_colorscales()) > 50, type(px.colors.sequential.swatches()).__name__))
sys.stdout.flush(); os._exit(0)
