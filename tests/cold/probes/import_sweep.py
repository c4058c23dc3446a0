"""Import each module of every distribution that the arguments name (their top-level modules), tests apart; print which fail and how."""
import contextlib, importlib, io, os, pkgutil, sys, warnings
warnings.simplefilter("ignore")
os.environ["TORCHELASTIC_ERROR_FILE"] = ""
SKIPPED = ("tests", "test", "testing", "conftest", "__main__", "setup", "_test", "__mypyc", "_pyinstaller", "distutils", "f2py", "cython", "pyximport", "gui", "qt", "tk", "imagetk", "_imagingtk", "_tkinter_finder")  # what needs a window system, a build or a test runner


def names(top):
    yield top
    module = sys.modules.get(top)
    todo = [(top, list(getattr(module, "__path__", [])))]
    while todo:
        prefix, path = todo.pop()
        for found in pkgutil.iter_modules(path):
            if any(part in SKIPPED or part.startswith("test_") or part.endswith("_test") for part in (found.name.lower(),)):
                continue
            name = f"{prefix}.{found.name}"
            yield name
            if found.ispkg:
                todo.append((name, [os.path.join(item, found.name) for item in path]))


failed, count = [], 0
for top in sys.argv[1:]:
    hidden = io.StringIO()
    try:
        importlib.import_module(top)
    except Exception as error:
        failed.append(f"{top}: {type(error).__name__}: {str(error)[:120]}")
        continue
    for name in sorted(names(top)):
        count += 1
        try:
            with contextlib.redirect_stdout(hidden), contextlib.redirect_stderr(hidden):
                importlib.import_module(name)
        except BaseException as error:
            failed.append(f"{name}: {type(error).__name__}: {str(error).splitlines()[0][:120] if str(error) else ''}")
print(count, "modules")
print("\n".join(failed))
sys.stdout.flush()
os._exit(0)
