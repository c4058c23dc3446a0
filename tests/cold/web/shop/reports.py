"""Reports in many forms."""

import io
import mimetypes


def make(form, rows):
    import pandas

    frame = pandas.DataFrame(rows, columns=["id", "who", "what", "price", "at"])
    kind = mimetypes.guess_type(f"x.{form}")[0] or "application/octet-stream"
    out = io.BytesIO()
    if form == "xlsx":
        frame.to_excel(out, index=False)
    elif form == "csv":
        frame.to_csv(out, index=False)
    elif form == "xml":
        frame.to_xml(out, index=False)
    elif form == "html":
        return frame.to_html(index=False), kind
    elif form == "tex":
        return frame.style.to_latex(), kind
    elif form in ("png", "svg", "pdf", "eps"):
        import matplotlib

        matplotlib.use("agg")
        import matplotlib.pyplot as pyplot

        frame.plot(x="who", y="price", kind="bar", title="Umsätze in €")
        pyplot.savefig(out, format=form)
    else:
        getattr(frame, f"to_{form}")(out)
    return out.getvalue(), kind
