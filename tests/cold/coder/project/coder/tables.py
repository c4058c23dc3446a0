"""Of datasette: a function for SQL and a form of output."""
from datasette import Response, hookimpl


@hookimpl
def prepare_connection(conn):
    conn.create_function("backwards", 1, lambda text: text[::-1])


def render(columns, rows):
    return Response.text("\n".join("|".join(str(value) for value in row) for row in rows))


@hookimpl
def register_output_renderer():
    return {"extension": "bars", "render": render}
