"""The operators' command: settings are a program that makes a ConfigDict, or gin, or fiddle."""

import sys

from absl import app, flags, logging
from ml_collections import config_flags

SETTINGS = config_flags.DEFINE_config_file("config", "/etc/bloom/small.py", "What to train.", lock_config=True)
GIN = flags.DEFINE_multi_string("gin_file", [], "Bindings of gin.")
FORM = flags.DEFINE_enum("form", "text", ["text", "yaml", "json", "fiddle"], "How settings are shown.")


def main(arguments):
    what = arguments[1] if len(arguments) > 1 else "show"
    if what == "train":
        from bloom.areas import training

        print(training.run(**SETTINGS.value.to_dict()))
    elif what == "gin":
        import gin

        from bloom.areas import training

        fit = gin.external_configurable(training.run, "fit")
        gin.parse_config_files_and_bindings(GIN.value, [])
        print(fit())
        print(gin.operative_config_str())
    elif what == "show":
        print(shown(SETTINGS.value, FORM.value))
    elif what == "fail":
        logging.error("about to fail")
        raise RuntimeError("asked to")
    else:
        raise app.UsageError(f"unknown: {what}")


def shown(settings, form):
    if form == "yaml":
        return settings.to_yaml()
    if form == "json":
        return settings.to_json()
    if form == "fiddle":
        import fiddle as fdl
        from fiddle import printing

        from bloom.areas import training

        return printing.as_str_flattened(fdl.Config(training.run, **settings.to_dict()))
    return str(settings)


if __name__ == "__main__":
    sys.argv[0] = "bloom"
    app.run(main)
