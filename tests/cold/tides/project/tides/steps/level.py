"""The level of a series."""


def run(values, by="smooth", width=3):
    from tides import fast

    if by == "smooth":
        return [round(float(value), 3) for value in fast.smooth(values, int(width))]
    if by == "far":
        return round(float(fast.far(values)), 3)
    if by == "running":
        return [round(float(value), 3) for value in fast.running(values)]
    if by == "clipped":
        return [float(value) for value in fast.clipped(values, 2.0)]
    raise ValueError(by)
