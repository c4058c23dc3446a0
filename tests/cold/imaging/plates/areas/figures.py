"""Figures: matplotlib's backends, styles, fonts and films; plotly as pages and, by its own browser, as pictures."""

import os

import numpy as np


def backends() -> object:
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    out = []
    for name, end in (
        ("agg", "png"),
        ("cairo", "png"),
        ("cairo", "svg"),
        ("cairo", "ps"),
        ("cairo", "pdf"),
        ("svg", "svg"),
        ("svg", "svgz"),
        ("pdf", "pdf"),
        ("ps", "ps"),
        ("ps", "eps"),
        ("pgf", "pgf"),
        ("template", "png"),
        ("agg", "jpg"),
        ("agg", "tif"),
        ("agg", "webp"),
        ("agg", "raw"),
        ("agg", "gif"),
        ("agg", "avif"),
    ):
        try:
            mpl.use(name, force=True)
            figure, axis = plt.subplots(figsize=(2, 2), dpi=40)
            axis.plot([1, 2], label="$\\alpha$")
            axis.legend()
            figure.savefig(f"a.{end}")
            out.append((name, end, os.path.getsize(f"a.{end}") > 100))
        except Exception as error:
            out.append((name, end, type(error).__name__))
        plt.close("all")
    for name in ("qtagg", "tkagg", "gtk4cairo", "wxagg", "macosx", "webagg", "nbagg", "nothing"):
        try:
            mpl.use(name, force=True)
            plt.figure()
            out.append((name, "shown"))
        except Exception as error:
            out.append((name, type(error).__name__))
    return out


def styles() -> object:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    count = 0
    for name in plt.style.available:
        with plt.style.context(name):
            figure, axis = plt.subplots(figsize=(1, 1), dpi=30)
            axis.plot([1, 2])
            figure.savefig("a.png")
            plt.close(figure)
            count += 1
    out = []
    for name in ("dejavusans", "dejavuserif", "cm", "stix", "stixsans", "custom"):
        with mpl.rc_context({"mathtext.fontset": name}):
            figure = plt.figure(figsize=(2, 1), dpi=40)
            figure.text(0.1, 0.5, r"$\sum_{i=0}^\infty \frac{x^i}{i!} \mathcal{R}\mathfrak{g}\mathbb{Z}$")
            figure.savefig("b.pdf")
            out.append(os.path.getsize("b.pdf") > 2000)
    with plt.xkcd():
        plt.figure(figsize=(1, 1)).savefig("c.png")
    return count > 20, out, len(mpl.colormaps) > 150


def shapes() -> object:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    out = []
    for name in ("polar", "hammer", "aitoff", "mollweide", "lambert", "3d"):
        figure, axis = plt.subplots(subplot_kw={"projection": name}, figsize=(2, 2), dpi=40)
        axis.plot([0, 1], [0, 1])
        figure.savefig("a.png")
        out.append((name, os.path.getsize("a.png") > 500))
    from matplotlib.sankey import Sankey
    from mpl_toolkits.axes_grid1 import ImageGrid
    from mpl_toolkits.axisartist import Subplot

    Sankey(flows=[1, -1]).finish()
    grid = ImageGrid(plt.figure(), 111, (1, 2))
    figure = plt.figure()
    figure.add_subplot(Subplot(figure, 111))
    axis = plt.figure().add_subplot()
    axis.contourf(np.outer(np.arange(5), np.arange(5)), hatches=["/"])
    axis.tricontour([0, 1, 0, 1], [0, 0, 1, 1], [1, 2, 3, 4])
    axis.streamplot(np.arange(4), np.arange(4), np.ones((4, 4)), np.ones((4, 4)))
    axis.figure.savefig("b.svg")
    return out, len(grid), os.path.getsize("b.svg") > 1000


def films() -> object:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import animation
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(2, 2), dpi=40)
    (line,) = axis.plot([0, 1])
    film = animation.FuncAnimation(figure, lambda n: (line.set_ydata([0, n]), (line,))[1], frames=3, blit=True)
    out = [(name, animation.writers.is_available(name)) for name in ("pillow", "ffmpeg", "ffmpeg_file", "imagemagick", "imagemagick_file", "html")]
    for writer, file in (("pillow", "a.gif"), ("ffmpeg", "a.mp4"), ("ffmpeg_file", "b.mp4"), ("imagemagick", "c.gif"), ("html", "d.html")):
        try:
            film.save(file, writer=writer, fps=4)
            out.append((file, os.path.getsize(file) > 500))
        except Exception as error:
            out.append((file, type(error).__name__))
    return out, len(film.to_jshtml()) > 5000, len(film.to_html5_video()) > 1000


def fonts() -> object:
    from matplotlib import font_manager as fm

    return (
        os.path.basename(fm.findfont("DejaVu Serif")),
        os.path.basename(fm.findfont("cmr10")),
        os.path.basename(fm.findfont("Nothing At All")),
        any("/usr/share/fonts" in font.fname for font in fm.fontManager.ttflist),
    )


def pages() -> object:
    import plotly.express as px
    import plotly.figure_factory as ff
    import plotly.graph_objects as go
    import plotly.io as pio

    out = []
    for name in ("plotly", "plotly_dark", "seaborn", "ggplot2", "simple_white", "gridon", "presentation", "xgridoff"):
        pio.templates.default = name
        out.append(len(go.Figure(go.Scatter(y=[1, 2])).to_json()) > 100)
    figure = px.scatter(
        px.data.iris(), x="sepal_width", y="sepal_length", color="species", marginal_x="box", trendline="ols" if _there("statsmodels") else None
    )
    figure.write_html("a.html", include_plotlyjs="directory")
    figure.write_html("b.html")
    out += [sorted(os.listdir(".")), os.path.getsize("b.html") > 3_000_000]
    out += [len(getattr(px.data, name)()) for name in ("gapminder", "tips", "wind", "carshare", "stocks", "medals_long")]
    out.append(ff.create_dendrogram(np.random.default_rng(0).random((5, 5))).layout.width)
    out.append([type(item).__name__ for item in (go.Volume(), go.Isosurface(), go.Sankey(), go.Choropleth(), go.Parcats(), go.Mesh3d())])
    out.append(type(go.Figure(px.imshow(np.eye(3)))).__name__)
    out.append(sorted(pio.renderers)[:3])
    return out


def _there(name: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(name) is not None


def by_the_browser() -> object:
    import plotly.graph_objects as go

    figure = go.Figure([go.Scatter(y=[1, 3, 2], name="$x$")], go.Layout(title="tea", width=200, height=150))
    out = []
    for kind in ("png", "svg", "pdf", "jpg", "webp", "eps"):
        try:
            out.append((kind, len(figure.to_image(format=kind, engine="kaleido")) > 500))
        except Exception as error:
            out.append((kind, type(error).__name__))
    solid = go.Figure(go.Surface(z=[[1, 2], [3, 4]]))
    try:
        out.append(("gl", len(solid.to_image(format="png", engine="kaleido", width=100, height=100)) > 500))
    except Exception as error:
        out.append(("gl", type(error).__name__))
    return out
