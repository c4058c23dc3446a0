"""Tables, figures and pages for people."""

import io
import os

import numpy as np
import pandas as pd


def _table():
    return pd.DataFrame(
        {"name": ["Äpfel", "Tee"], "n": [1, 2], "x": [0.5, None], "when": pd.to_datetime(["2024-01-01", "2024-02-29"]), "kind": pd.Categorical(["a", "b"])}
    )


def exported():
    table = _table()
    told = []
    for name, call in {
        "openpyxl": lambda: (table.to_excel("a.xlsx", engine="openpyxl"), pd.read_excel("a.xlsx"))[1],
        "xlsxwriter": lambda: (table.to_excel("b.xlsx", engine="xlsxwriter"), pd.read_excel("b.xlsx"))[1],
        "odf": lambda: (table.to_excel("b.ods"), pd.read_excel("b.ods"))[1],
        "orc": lambda: (table.drop(columns="kind").to_orc("a.orc"), pd.read_orc("a.orc"))[1],
        "feather": lambda: (table.to_feather("a.feather"), pd.read_feather("a.feather"))[1],
        "stata": lambda: (table.drop(columns="kind").to_stata("a.dta"), pd.read_stata("a.dta"))[1],
        "xml": lambda: (table.to_xml("a.xml"), pd.read_xml("a.xml"))[1],
        "etree": lambda: (table.to_xml("b.xml", parser="etree"), pd.read_xml("b.xml", parser="etree"))[1],
        "json": lambda: (table.to_json("a.json", orient="table"), pd.read_json("a.json", orient="table"))[1],
        "hdf": lambda: (table.to_hdf("a.h5", key="x"), pd.read_hdf("a.h5"))[1],
        "html": lambda: pd.read_html(io.StringIO(table.to_html()))[0],
        "sql": lambda: (
            table.drop(columns="kind").to_sql("t", __import__("sqlite3").connect("a.db")),
            pd.read_sql("select * from t", __import__("sqlite3").connect("a.db")),
        )[1],
        "clipboard": lambda: table.to_clipboard(),
        "sas": lambda: pd.read_sas("none.sas7bdat"),
        "spss": lambda: pd.read_spss("none.sav"),
        "gbq": lambda: pd.read_gbq("x"),
    }.items():
        try:
            told.append(f"{name} {call().shape};")
        except Exception as error:
            told.append(f"{name} {type(error).__name__};")
    for kind in ("snappy", "gzip", "brotli", "zstd", "lz4"):
        table.to_parquet(f"{kind}.parquet", compression=kind)
        told.append(f"{kind} {len(pd.read_parquet(f'{kind}.parquet'))};")
    for kind in ("gzip", "bz2", "xz", "zip", "tar", "zstd"):
        try:
            table.to_csv(f"a.csv.{kind}", compression=kind)
            told.append(f"{kind} {len(pd.read_csv(f'a.csv.{kind}', compression=kind))};")
        except ImportError as error:
            told.append(f"{kind} {type(error).__name__};")
    return told


def written():
    table = _table()
    styled = table.style.format(precision=1).highlight_max("n", color="yellow").bar("n").background_gradient("viridis", subset=["n"]).set_caption("tea")
    return [
        "viridis" in styled.to_latex() or "cellcolor" in styled.to_latex(convert_css=True),
        "<style" in styled.to_html(),
        "\\toprule" in table.to_latex(),
        table.to_markdown(tablefmt="github").splitlines()[0][:12],
        len(styled.to_string()) > 10,
        (styled.to_excel("styled.xlsx"), os.path.getsize("styled.xlsx") > 3000)[1],
        len(table.to_records()),
        "Äpfel" in str(table.to_dict("list")),
    ]


def engines_of_pandas():
    table = pd.DataFrame({"a": range(20), "b": range(20)})
    told = [
        int(table.eval("a + b", engine="python").sum()),
        len(pd.read_csv(io.StringIO("a,b\n1,2\n"), engine="pyarrow")),
        len(pd.read_csv(io.StringIO("a;b\n1;2\n"), sep=None, engine="python")),
        float(table.a.rolling(3).mean(engine="numba").sum()),
        str(pd.array(["a", None], dtype="string[pyarrow]").dtype),
        len(pd.bdate_range("2024-01-01", periods=3, freq="C", holidays=["2024-01-02"])),
    ]
    told += [
        str(pd.Timestamp("2024-07-01", tz="America/Sao_Paulo").utcoffset()),
        str(pd.Timestamp("2024-07-01").tz_localize("dateutil/Europe/Berlin").utcoffset()),
        pd.Series([1, 2, 4]).interpolate("cubicspline").sum(),
        table.a.sample(3, random_state=1).tolist(),
        pd.plotting.scatter_matrix.__name__,
        len(pd.io.json.build_table_schema(table)["fields"]),
    ]
    return told


def figures():
    import matplotlib
    import matplotlib.pyplot as plt

    told = []
    for backend in ("agg", "svg", "pdf", "ps", "template", "cairo", "pgf"):
        try:
            plt.switch_backend(backend)
            figure, axes = plt.subplots()
            axes.plot([1, 2])
            axes.set_title(r"$\alpha^2 + \frac{1}{2}$ Äpfel")
            ending = {"agg": "png", "svg": "svg", "pdf": "pdf", "ps": "eps"}.get(backend, "png")
            figure.savefig(f"figure.{ending}")
            told.append(f"{backend} {os.path.getsize(f'figure.{ending}') > 500};")
        except Exception as error:
            told.append(f"{backend} {type(error).__name__};")
    plt.switch_backend("agg")
    for name in ("tkagg", "qtagg", "webagg", "nbagg", "gtk3agg"):
        try:
            matplotlib.use(name, force=True)
            plt.figure()
            told.append(f"{name} there;")
        except ImportError:  # or ModuleNotFoundError: neither image has a screen, or what draws on one
            told.append(f"{name} ImportError;")
        except Exception as error:
            told.append(f"{name} {type(error).__name__};")
    matplotlib.use("agg", force=True)
    for fonts in ("stix", "cm", "dejavuserif", "stixsans"):
        with plt.rc_context({"mathtext.fontset": fonts, "font.family": "serif"}):
            figure, axes = plt.subplots()
            axes.text(0, 0, r"$\sum_{i} \mathcal{A}_i \int \mathbb{R}$")
            figure.savefig(f"{fonts}.svg")
    for style in ("ggplot", "seaborn-v0_8-whitegrid", "dark_background", "fivethirtyeight", "petroff10"):
        with plt.style.context(style):
            plt.figure().savefig(f"{style}.png", dpi=20)
    figure, axes = plt.subplots(subplot_kw={"projection": "3d"})
    axes.plot_surface(*np.meshgrid(np.arange(4.0), np.arange(4.0)), np.ones((4, 4)), cmap="twilight")
    for ending in ("jpg", "tiff", "webp", "gif", "svgz", "raw", "rgba"):
        figure.savefig(f"three.{ending}", dpi=30)
    for name in ("polar", "aitoff", "hammer", "mollweide", "lambert"):
        plt.figure().add_subplot(projection=name).plot([0, 1], [0, 1])
    with plt.xkcd():
        plt.figure().savefig("xkcd.png", dpi=20)
    from matplotlib import animation, cbook, font_manager
    from matplotlib.testing import setup

    moving = animation.FuncAnimation(plt.figure(), lambda number: [], frames=2)
    moving.save("moving.gif", writer="pillow")
    plt.close("all")
    try:
        setup()
    except Exception as error:
        told.append(type(error).__name__)
    return [
        *told,
        len(cbook.get_sample_data("goog.npz").files) if os.path.exists(cbook._get_data_path("sample_data/goog.npz")) else "no sample",
        os.path.basename(font_manager.findfont("DejaVu Sans Mono")),
        os.path.basename(font_manager.findfont("no such font")),
        font_manager.FontProperties(fname=font_manager.findfont("STIXGeneral")).get_name(),
        matplotlib.colormaps["turbo"](0.5)[3],
    ]


def pages():
    import bokeh.plotting
    from bokeh.embed import components, file_html, json_item
    from bokeh.resources import CDN, INLINE

    told = []
    drawn = bokeh.plotting.figure(width=200, height=200)
    drawn.scatter([1, 2], [1, 2])
    told.append([len(file_html(drawn, INLINE)) > 500000, "cdn" in file_html(drawn, CDN), len(components(drawn)), sorted(json_item(drawn))[:2]])
    return told


def learned():
    """What scikit-learn shows and brings."""
    from sklearn import datasets, set_config
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.utils import all_estimators, estimator_html_repr

    set_config(display="diagram")
    model = make_pipeline(ColumnTransformer([("n", StandardScaler(), [0, 1]), ("c", OneHotEncoder(handle_unknown="ignore"), [2])]), LogisticRegression())
    data = datasets.load_wine()
    told = [
        len(estimator_html_repr(model)) > 5000,
        len(all_estimators()) > 150,
        datasets.load_sample_image("china.jpg").shape,
        len(datasets.load_diabetes().data),
        round(model.fit(data.data[:, :3], data.target).score(data.data[:, :3], data.target), 2),
    ]
    for name in ("load_iris", "load_digits", "load_breast_cancer", "load_linnerud"):
        told.append(len(getattr(datasets, name)().DESCR) > 100)
    return told
