"""Exporters that somebody put beside the service: entry points of another directory, modules of a folder, hooks."""

import importlib.util
import site
from importlib import metadata
from pathlib import Path

import pluggy

HERE = Path(__file__).parents[1]


def run(word):
    site.addsitedir("/opt/plugins")
    for point in sorted(metadata.entry_points(group="desk.exporters"), key=lambda each: each.name):
        print(point.name, point.dist.name, point.load()(word))
    from stevedore import driver, extension

    print(extension.ExtensionManager("desk.exporters", invoke_on_load=False).names())
    print(driver.DriverManager("desk.exporters", "table").driver(word))
    manager = pluggy.PluginManager("desk")
    from desk import hooks

    manager.add_hookspecs(hooks)
    print(manager.load_setuptools_entrypoints("desk.hooks"), sorted(manager.hook.on_word(word=word)))
    for path in sorted((HERE / "plugins.d").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"desk_plugin_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        print(path.name, module.act(word))
