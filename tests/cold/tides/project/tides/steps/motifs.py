"""What comes again."""


def run(values, by="stump", width=8):
    import stumpy

    if by == "mass":
        return [round(float(value), 2) for value in stumpy.mass(values[: int(width)], values)][:4]
    found = getattr(stumpy, by)(values, int(width))
    return [int(value) for value in found[:4, 1]]
