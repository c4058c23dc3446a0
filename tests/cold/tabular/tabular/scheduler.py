"""`python -m tabular.scheduler [SECONDS]`: jobs by the clock, stores and executors as /etc/tabular/scheduler.ini names them."""
import configparser
import logging
import sys
import time


def beat():
    print("beat", flush=True)


def main(seconds):
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.basicConfig(level=logging.INFO)
    given = configparser.ConfigParser()
    given.read("/etc/tabular/scheduler.ini")
    scheduler = BackgroundScheduler(dict(given["scheduler"]))
    scheduler.add_job("tabular.scheduler:beat", "interval", seconds=1, id="beat", jobstore="kept", replace_existing=True)
    scheduler.add_job("tabular.scheduler:beat", "cron", hour="*/2", timezone="America/St_Johns", executor="processes")
    scheduler.start()
    scheduler.print_jobs()
    time.sleep(seconds)
    scheduler.shutdown()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 86400)
