import importlib
import pkgutil
import sys

import acme

for found in sorted(pkgutil.iter_modules(acme.__path__, "acme."), key=lambda each: each.name):
    module = importlib.import_module(found.name)
    print(found.name, getattr(module, "say", lambda words: "the core")(sys.argv[1:]))
import acme.shared.one
import acme.shared.two

print(acme.shared.one.NAME, acme.shared.two.NAME, len(list(acme.__path__)))
