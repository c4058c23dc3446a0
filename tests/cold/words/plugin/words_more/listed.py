import pkgutil


def listed(text):
    return text in pkgutil.get_data(__package__, "list.txt").decode().split()
