"""Charts, by libraries and by programs."""
import subprocess
from pathlib import Path

from connexion.lifecycle import ConnexionResponse

KINDS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", "jpeg": "image/jpeg"}


def chart(form, body, by="altair"):
    rows = [{"day": n, "level": value} for n, value in enumerate(body["values"])]
    return ConnexionResponse(body=globals()[f"by_{by}"](rows, form, body), content_type=KINDS.get(form, "text/plain"))


def by_altair(rows, form, given):
    import altair
    import vl_convert

    if "theme" in given:
        altair.theme.enable(given["theme"])
    made = altair.Chart(altair.Data(values=rows)).mark_line().encode(x="day:Q", y=altair.Y("level:Q", axis=altair.Axis(format=given.get("format", "d")))).properties(title=given.get("title", "Tides"))
    if form == "html":
        return made.to_html(inline=True).encode()
    if form == "json":
        return made.to_json().encode()
    options = {"format_locale": given["locale"]} if "locale" in given else {}
    found = getattr(vl_convert, f"vegalite_to_{form}")(made.to_json(), vl_version="5.20" if "old" in given else None, **options)
    return found.encode() if isinstance(found, str) else found


def by_gnuplot(rows, form, given):
    script = Path("charts/series.gp").read_text().replace("@KIND", given.get("kind", form))
    data = "".join(f"{row['day']} {row['level']}\n" for row in rows)
    return subprocess.run(["gnuplot"], input=f"{script}{data}e\n".encode(), capture_output=True, check=True).stdout


def by_rrdtool(rows, form, given):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        base, picture = f"{folder}/a.rrd", f"{folder}/a.{form}"
        subprocess.run(["rrdtool", "create", base, "--start", "1000000000", "--step", "60", "DS:level:GAUGE:120:U:U", "RRA:AVERAGE:0.5:1:600"], check=True)
        subprocess.run(["rrdtool", "update", base, *(f"{1000000060 + 60 * row['day']}:{row['level']}" for row in rows)], check=True)
        subprocess.run(["rrdtool", "graph", picture, "--imgformat", form.upper(), "--start", "1000000000", "--end", "1000003600", "--title", "Tides äß", f"DEF:a={base}:level:AVERAGE", "LINE1:a#0000ff:level"], check=True, capture_output=True)
        return Path(picture).read_bytes()


def by_matplotlib(rows, form, given):
    import io

    import matplotlib

    matplotlib.use(given.get("backend", "agg"))
    from matplotlib import pyplot

    with pyplot.style.context(given.get("style", "default")):
        figure, axes = pyplot.subplots()
        axes.plot([row["level"] for row in rows])
        axes.set_title(given.get("title", "$\\alpha$"))
        stream = io.BytesIO()
        figure.savefig(stream, format=form)
    return stream.getvalue()


def by_fpdf(rows, form, given):
    from fpdf import FPDF

    document = FPDF()
    document.add_page()
    if "font" in given:
        document.add_font("own", fname=given["font"])
        document.set_font("own", size=12)
    else:
        document.set_font("helvetica", size=12)
    document.write_html(f"<h1>{given.get('title', 'Tides')}</h1><ul><li>{len(rows)}</li></ul>") if "html" in given else document.cell(text=given.get("title", "Tides"))
    with document.table() as table:
        for row in rows[:3]:
            line = table.row()
            line.cell(str(row["day"]))
            line.cell(str(row["level"]))
    return bytes(document.output())


def by_table(rows, form, given):
    import polars
    from great_tables import GT

    made = GT(polars.DataFrame(rows)).tab_header(title=given.get("title", "Tides")).fmt_currency("level", currency=given.get("currency", "EUR"), locale=given.get("locale", "de")).opt_stylize(style=1, color="cyan").data_color("level", palette="viridis")
    if "country" in given:
        from great_tables import vals

        return str(vals.fmt_flag([given["country"]])).encode()
    return (made.as_latex() if form == "tex" else made.as_raw_html()).encode()
