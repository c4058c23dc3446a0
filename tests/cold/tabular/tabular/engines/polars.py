import polars


def total(numbers):
    frame = polars.DataFrame({"x": numbers}).lazy().select(polars.col("x").sum()).collect()
    return frame["x"][0]
