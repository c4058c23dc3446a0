"""Tables in other forms."""
import io

from connexion.lifecycle import ConnexionResponse


def convert(form, body, token_info=None):
    import polars

    table = polars.read_csv(io.BytesIO(body), try_parse_dates=True)
    return ConnexionResponse(body=written(table, form), content_type="application/octet-stream")


def written(table, form):
    import polars

    stream = io.BytesIO()
    if form == "sql":
        return str(polars.SQLContext(t=table).execute("select count(*) as n, sum(level) as s from t", eager=True).rows()).encode()
    if form == "excel":
        table.to_pandas().to_excel(stream, engine="openpyxl")
        return str(polars.read_excel(stream.getvalue(), engine="calamine").shape).encode()
    if form == "trend":
        import polars_ds

        return str(table.select(polars_ds.lin_reg_report("day", target="level")).columns).encode()
    if form == "distance":
        import polars_ds

        return str(table.select(d=polars_ds.str_leven(polars.col("level").cast(str), polars.lit("1")), p=polars_ds.normal_test(polars.col("level").cast(float))).rows()[:1]).encode()
    if form == "text":
        with polars.Config(tbl_formatting="ASCII_MARKDOWN", tbl_rows=2):
            return str(table).encode()
    getattr(table, f"write_{form}")(stream)
    return stream.getvalue()
