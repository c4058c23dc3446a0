def model(dbt, session):
    dbt.config(materialized="table")
    frame = dbt.ref("stg_cups").df()
    frame["twice"] = frame["price"].astype(float) * 2
    return frame
