import tabulate


def export(word):
    return tabulate.tabulate([[word]], tablefmt="html")
