import pkgutil


def quote(number):
    return pkgutil.get_data("quotes", "quotes.txt").decode().splitlines()[number]
