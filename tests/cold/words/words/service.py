"""The service: a server of tornado, and a pool of workers whose kind the settings name."""

import asyncio
import importlib
import json
import os
import signal
import sys
from pathlib import Path

import tornado.locale
import tornado.web
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import OmegaConf

from words.pools import work

CONF = os.environ.get("WORDS_CONF", "/srv/words/conf")
HERE = Path(__file__).parent


class State:
    """What a reload makes again."""

    def __init__(self, overrides) -> None:
        self.overrides = overrides
        self.reload()

    def reload(self) -> None:
        with initialize_config_dir(CONF, version_base=None):
            self.settings = compose("config", overrides=self.overrides)
        self.engine = instantiate(self.settings.engine)
        self.pool = instantiate(self.settings.pool)


class Ask(tornado.web.RequestHandler):
    async def post(self) -> None:
        asked = json.loads(self.request.body)
        state = self.application.settings["state"]
        if "engine" in asked:
            with initialize_config_dir(CONF, version_base=None):
                settings = compose("config", overrides=[f"engine={asked['engine']}", *asked.get("overrides", [])])
            self.finish({"answer": instantiate(settings.engine)(asked["text"])})
            return
        self.finish({"answer": state.engine(asked["text"])})


class Batch(tornado.web.RequestHandler):
    async def post(self) -> None:
        asked = json.loads(self.request.body)
        pool = self.application.settings["state"].pool if "pool" not in asked else importlib.import_module("words.pools").by_name(asked["pool"])
        loop = asyncio.get_running_loop()
        self.finish({"answers": await loop.run_in_executor(None, pool, work, [(asked["engine"], text) for text in asked["texts"]])})


class Settings(tornado.web.RequestHandler):
    def get(self) -> None:
        self.set_header("content-type", "text/plain; charset=utf-8")
        self.finish(OmegaConf.to_yaml(self.application.settings["state"].settings, resolve=True))


class Page(tornado.web.RequestHandler):
    def get_user_locale(self):
        return tornado.locale.get(self.get_argument("language", "en_US"))

    def get(self) -> None:
        self.render("page.html", name=self.get_argument("name", "nobody"), size=float(self.get_argument("size", "1234.5")))


class Health(tornado.web.RequestHandler):
    def get(self) -> None:
        self.finish("ok")


def application(state: State) -> tornado.web.Application:
    tornado.locale.load_translations(str(HERE / "languages"))
    return tornado.web.Application(
        [("/health", Health), ("/ask", Ask), ("/batch", Batch), ("/settings", Settings), ("/page", Page)],
        template_path=str(HERE / "templates"),
        static_path=str(HERE / "templates"),
        compress_response=True,
        state=state,
        debug=bool(os.environ.get("WORDS_DEBUG")),
    )


async def main(overrides) -> None:
    state = State(overrides)
    application(state).listen(8200)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, lambda: (state.reload(), print("words: reloaded", flush=True)))
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    print("words: ready", flush=True)
    await stop.wait()
    print("words: bye", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
