"""What operators ask for."""

import asyncio
import json
import shlex
import subprocess
from pathlib import Path
from typing import Any


async def token(algorithm: str = "HS256") -> Any:
    from authlib.jose import JsonWebKey, JsonWebToken

    kinds = {"HS": ("oct", 256), "RS": ("RSA", 2048), "PS": ("RSA", 2048), "ES": ("EC", "P-256"), "Ed": ("OKP", "Ed25519")}
    kind, size = kinds[algorithm[:2]]
    key = JsonWebKey.generate_key(kind, size, is_private=True)
    jwt = JsonWebToken([algorithm])
    made = jwt.encode({"alg": algorithm}, {"sub": "x"}, key)
    return {"claims": jwt.decode(made, key), "keys": sorted(key.as_dict(is_private=False))[:2]}


async def password(text: str = "tea") -> Any:
    import bcrypt

    return {"fits": bcrypt.checkpw(text.encode(), bcrypt.hashpw(text.encode(), bcrypt.gensalt(4)))}


async def letter(by: str = "css_inline", host: str = "127.0.0.1", port: str = "1") -> Any:
    from email.message import EmailMessage

    from jinja2 import Environment, PackageLoader

    text = Environment(loader=PackageLoader("relay", "pages"), autoescape=True).get_template("letter.html").render(who="you", text="tea & milk")
    if by == "css_inline":
        import css_inline

        text = css_inline.inline(text)
    else:
        import premailer

        text = premailer.transform(text)
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Tëa", "a@example.org", "b@example.org"
    message.set_content("tea")
    message.add_alternative(text, subtype="html")
    if port != "1":
        import aiosmtplib

        await aiosmtplib.send(message, hostname=host, port=int(port))
    return {"text": message.as_string()[-400:]}


async def hook(name: str, **more: str) -> Any:
    """A command line of the file of hooks, filled in."""
    import yaml

    line = yaml.safe_load(Path("/etc/relay/hooks.yaml").read_text())[name]
    argv = [word.format(**more) for word in shlex.split(line)]
    done = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True, timeout=60, check=False)
    return {"status": done.returncode, "out": done.stdout[-600:], "error": done.stderr[-300:]}


async def compare(**more: str) -> Any:
    import difflib

    return {"lines": list(difflib.unified_diff(more["a"].split(), more["b"].split(), lineterm=""))}


async def place(code: str = "NLD", language: str = "de") -> Any:
    import gettext

    import pycountry

    words = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language])
    lands = pycountry.subdivisions.get(country_code=pycountry.countries.lookup(code).alpha_2)
    return {"name": words.gettext(pycountry.countries.lookup(code).name), "parts": len(lands)}


async def container() -> Any:
    from dependency_injector import containers, providers

    class Parts(containers.DeclarativeContainer):
        config = providers.Configuration()
        cup = providers.Factory(dict, what=config.what)

    parts = Parts()
    parts.config.from_yaml("/etc/relay/hooks.yaml")
    parts.config.from_dict({"what": "tea"})
    parts.config.from_ini("/etc/relay/parts.ini")
    return parts.cup()


async def rooms(kind: str = "asgi") -> Any:
    import socketio

    server = socketio.AsyncServer(async_mode=kind)
    return {"made": type(server.manager).__name__, "mode": kind}


async def explain(sql: str) -> Any:
    """A statement, as each dialect of SQLAlchemy writes it."""
    from sqlalchemy.dialects import registry
    from sqlalchemy.schema import CreateTable

    from relay.records import Asked

    table: Any = Asked.__table__
    return {"text": str(CreateTable(table).compile(dialect=registry.load(sql)()))[:300]}


async def resolve(name: str = "localhost") -> Any:
    found = await asyncio.get_running_loop().getaddrinfo(name, "https")
    return sorted({item[4][0] for item in found})


async def crash() -> Any:
    return {}["missing"]


async def unpack(text: str) -> Any:
    return json.loads(text)
