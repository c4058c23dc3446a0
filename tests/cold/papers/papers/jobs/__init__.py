"""Work that is done later: a queue, a timetable."""
