"""What is known of a customer."""

from datetime import timedelta

import pandas as pd
from feast import Entity, FeatureService, FeatureView, Field, FileSource, RequestSource
from feast.on_demand_feature_view import on_demand_feature_view
from feast.types import Float32, Float64, Int64, String

customer = Entity(name="customer", join_keys=["customer"])
drunk = FileSource(name="drunk", path="/srv/features/data/drunk.parquet", timestamp_field="event_timestamp")
cups = FeatureView(
    name="cups",
    entities=[customer],
    ttl=timedelta(days=36500),
    schema=[Field(name="count", dtype=Int64), Field(name="sugar", dtype=Float32), Field(name="kind", dtype=String)],
    source=drunk,
)
asked = RequestSource(name="asked", schema=[Field(name="wanted", dtype=Int64)])


@on_demand_feature_view(sources=[cups, asked], schema=[Field(name="after", dtype=Float64)])
def later(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"after": (inputs["count"] + inputs["wanted"]).astype(float)})


desk = FeatureService(name="desk", features=[cups[["count"]], later])
