"""URLs of PostgreSQL, checked and named without what is secret in them."""

import re

from careen.errors import InputError

_PORTS = re.compile(r"[0-9,]*")


def name_of_database(url: str) -> str:
    """Return `postgresql://HOST[:PORT]/DATABASE` for messages: no user, password or parameters.

    Raises InputError, which quotes nothing of the URL, unless it is a connection URI of libpq with
    a host and database that a password did not end up in. Needs psycopg.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except (psycopg.Error, ValueError):
        raise _unreadable() from None  # its text quotes the URL
    host, port, database = (parts.get(key, "") for key in ("host", "port", "dbname"))
    # A / or @ of a password ends up in these parts.
    if not _PORTS.fullmatch(port) or "@" in host or "@" in database:
        raise _unreadable()
    host = f"[{host}]" if ":" in host else host
    return f"postgresql://{host}{f':{port}' if port else ''}/{database}"


def _unreadable() -> InputError:
    return InputError(
        "the URL of PostgreSQL cannot be read: expected postgresql://[USER@]HOST[:PORT]/DATABASE;"
        " special characters of a password must be percent-encoded (/ is %2F, @ is %40, % is %25),"
        " or give it by ~/.pgpass or PGPASSWORD"
    )
