"""Features of a customer, from a feature store."""

import functools

from predictor.settings import settings


@functools.cache
def _store():
    from feast import FeatureStore

    return FeatureStore(repo_path=settings().features)


def online(names: list[str], rows: list[dict]) -> dict:
    return _store().get_online_features(features=names, entity_rows=rows).to_dict()


def historical(names: list[str], rows: list[dict]) -> list:
    import pandas

    frame = pandas.DataFrame(rows)
    frame["event_timestamp"] = pandas.to_datetime(frame["event_timestamp"], utc=True)
    found = _store().get_historical_features(entity_df=frame, features=names).to_df()
    return found.drop(columns="event_timestamp").sort_values("customer").round(3).to_dict("records")
