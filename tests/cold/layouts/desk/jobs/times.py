"""Times of other places, by the system's tables and by those of a package."""

import datetime
import zoneinfo


def run(*zones):
    moment = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.UTC)
    import dateutil.tz

    for zone in zones:
        print(zone, moment.astimezone(zoneinfo.ZoneInfo(zone)).isoformat(), dateutil.tz.gettz(zone).utcoffset(moment.replace(tzinfo=None)))
    print(len(zoneinfo.available_timezones()) > 400)
    from dateutil import zoneinfo as bundled

    print(bundled.get_zonefile_instance().get("Europe/Oslo").utcoffset(moment.replace(tzinfo=None)))
