import csv
import io


def write(rows):
    stream = io.StringIO()
    csv.writer(stream, dialect="unix").writerows(rows)
    return stream.getvalue().splitlines()[0]
