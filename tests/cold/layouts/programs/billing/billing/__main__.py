import importlib
import pkgutil
import sys

from billing import formats

rows = [("tea", 2, 3.5), ("cake", 1, 4.0)]
for name in sys.argv[1:] or sorted(each.name for each in pkgutil.iter_modules(formats.__path__)):
    print(name, importlib.import_module(f"billing.formats.{name}").write(rows))
