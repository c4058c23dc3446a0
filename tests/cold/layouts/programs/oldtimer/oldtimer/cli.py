import sys


def main():
    import pkg_resources

    print(pkg_resources.resource_string("oldtimer", "parts.txt").decode().strip(), pkg_resources.get_distribution("oldtimer").version)
    for point in pkg_resources.iter_entry_points("oldtimer.parts"):
        print(point.name, point.load()(sys.argv[1:]))
