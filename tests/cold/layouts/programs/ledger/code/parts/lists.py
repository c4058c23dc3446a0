def show(accounts):
    import tabulate

    return tabulate.tabulate(accounts.items(), tablefmt="simple_grid")
