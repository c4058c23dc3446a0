"""Times, numbers, jobs."""


def times() -> dict:
    import arrow
    import pendulum
    from croniter import croniter

    start = pendulum.datetime(2026, 3, 29, 1, 30, tz="Europe/Paris")
    pendulum.set_locale("de")
    out = {
        "pendulum": start.add(hours=1).isoformat(),
        "words": start.diff_for_humans(start.add(days=3), locale="fr"),
        "format": start.format("dddd D MMMM YYYY", locale="de"),
        "arrow": arrow.get("2026-03-01T10:00:00+00:00").to("Asia/Tokyo").humanize(arrow.get("2026-03-02T10:00:00+00:00"), locale="ja"),
        "arrow_parse": arrow.get("1 mars 2026", "D MMMM YYYY", locale="fr").isoformat(),
        "cron": croniter("*/15 8-10 * * mon", 0.0).get_next(float),
    }
    pendulum.set_locale("en")
    return out


def numbers() -> dict:
    import phonenumbers
    import pyotp
    from phonenumbers import carrier, geocoder, timezone

    number = phonenumbers.parse("+4989123456")
    return {
        "where": geocoder.description_for_number(number, "de"),
        "zones": list(timezone.time_zones_for_number(number)),
        "carrier": carrier.name_for_number(phonenumbers.parse("+491701234567"), "en"),
        "format": phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL),
        "otp": pyotp.TOTP("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").at(0),
    }


def jobs() -> dict:
    import threading

    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    done = threading.Event()
    out = {}
    for store in ("memory", "sqlalchemy"):
        try:
            scheduler = BackgroundScheduler(jobstores={"default": {"type": store, **({"url": "sqlite://"} if store == "sqlalchemy" else {})}})
            scheduler.start()
            if store == "memory":
                scheduler.add_job(done.set, "interval", seconds=0.1, id="a")
                done.wait(5)
                scheduler.add_job("assistant.areas.echo:say", "cron", hour=3, args=["tea"])
            scheduler.shutdown()
            out[store] = done.is_set()
        except Exception as error:
            out[store] = type(error).__name__
    return {**out, "class": SQLAlchemyJobStore.__name__}


def drawn() -> dict:
    import networkx

    graph = networkx.karate_club_graph()
    rank = networkx.pagerank(graph)
    return {
        "first": max(rank, key=rank.get),
        "parts": len(networkx.community.louvain_communities(graph, seed=1)),
        "gml": len(list(networkx.generate_gml(graph))) > 100,
    }


def logged() -> dict:
    import io
    import sys

    from loguru import logger
    from tenacity import RetryError, retry, stop_after_attempt, wait_random_exponential

    stream = io.StringIO()
    logger.remove()
    logger.add(stream, format="{level} {message}", backtrace=True, diagnose=True, enqueue=True)

    @retry(stop=stop_after_attempt(2), wait=wait_random_exponential(max=0.01))
    def fails() -> None:
        raise ValueError("tea")

    try:
        fails()
    except RetryError:
        logger.exception("failed")
    logger.complete()
    logger.remove()
    logger.add(sys.stderr)
    return {"said": "ValueError: tea" in stream.getvalue(), "level": stream.getvalue()[:5]}
