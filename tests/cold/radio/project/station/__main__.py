import os

from station.web import app

app.run(
    server=os.environ.get("STATION_SERVER", "waitress"),
    host="0.0.0.0",
    port=8010,
    quiet=True,
    debug=bool(os.environ.get("STATION_DEBUG")),
)
