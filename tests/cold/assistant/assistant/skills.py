"""Skills that are found by their entry points."""


def clock() -> str:
    import pendulum

    return pendulum.datetime(2026, 3, 1, tz="Europe/Paris").add(months=1).to_cookie_string()


def sums() -> str:
    from simpleeval import simple_eval

    return str(simple_eval("2 ** 10 + max(3, 4)", functions={"max": max}))
