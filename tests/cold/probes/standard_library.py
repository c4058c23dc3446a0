"""Every module of the standard library that can be imported here, and what it does on paths that services meet late."""
import importlib, sys, warnings
warnings.simplefilter("ignore")
skipped = {"antigravity", "this", "idlelib", "turtledemo", "turtle", "tkinter", "lib2to3", "ensurepip", "nis", "test", "__main__"}
failed = []
for name in sorted(sys.stdlib_module_names):
    if name.split(".")[0] in skipped or name.startswith(("_test", "_xx", "_tkinter")):
        continue
    try:
        importlib.import_module(name)
    except ImportError as error:
        failed.append(f"{name}: {error}")
print("\n".join(failed))
