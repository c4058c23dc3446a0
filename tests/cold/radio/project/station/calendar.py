"""When what is on: calendars, zones, days in languages."""

import datetime
import locale
import zoneinfo


def ics(zone, at):
    import icalendar

    one = icalendar.Calendar()
    event = icalendar.Event()
    event.add("summary", "on air")
    event.add("dtstart", datetime.datetime.fromisoformat(at).replace(tzinfo=zoneinfo.ZoneInfo(zone)))
    one.add_component(event)
    one.add_missing_timezones()
    return one.to_ical().decode()


def day(language, at):
    locale.setlocale(locale.LC_ALL, language)
    try:
        return datetime.datetime.fromisoformat(at).strftime("%A %d. %B %x")
    finally:
        locale.setlocale(locale.LC_ALL, "C.UTF-8")
