import sys

import arrow

for language in sys.argv[1:]:
    print(language, arrow.get(0).shift(hours=3).humanize(arrow.get(0), locale=language), arrow.get("2024-02-29").format("MMMM", locale=language))
if __name__ == "__main__":
    import site
    from importlib import metadata

    print(metadata.version("greet"), site.getusersitepackages() in sys.path)
