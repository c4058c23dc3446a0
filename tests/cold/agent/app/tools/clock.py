"""The time of day, somewhere."""
import datetime


def run(zone: str = "UTC") -> str:
    from zoneinfo import ZoneInfo

    moment = datetime.datetime(2026, 7, 1, tzinfo=datetime.UTC)
    return (moment if zone == "UTC" else moment.astimezone(ZoneInfo(zone))).isoformat()
