"""Days on which one trades."""


def sessions(name, year):
    import exchange_calendars

    try:
        calendar = exchange_calendars.get_calendar(name)
    except exchange_calendars.errors.InvalidCalendarName:
        return {"error": f"no calendar {name}"}, 404
    days = calendar.sessions_in_range(f"{year}-01-01", f"{year}-12-31")
    return {"days": len(days), "first": str(days[0].date()), "zone": str(calendar.tz)}
