"""What operators ask for: the clock of an office, an archive, the machine, hosts and certificates."""
import os
import subprocess
import sys


def run(what, asked):
    return globals()[f"_{what}"](**asked)


def _clock(zone="Europe/Berlin", format="%A %d %B %Y %H:%M %Z"):
    import datetime
    import zoneinfo

    import pandas as pd

    moment = datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.UTC)
    there = subprocess.run(["date", "-d", "@1782907200", "+%F %H %Z"], env={"TZ": zone, "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True).stdout
    return f"{moment.astimezone(zoneinfo.ZoneInfo(zone)):{format}} | {pd.Timestamp('2026-07-01', tz='UTC').tz_convert(zone)} | {there}"


def _archive(folder="/srv/models"):
    done = subprocess.run(f"tar -C {folder} -cf - . | gzip -c > /tmp/a.tgz && tar -tzf /tmp/a.tgz | grep -c joblib && gzip -l /tmp/a.tgz | tail -n 1 | awk '{{print NF}}'", shell=True, capture_output=True, text=True)
    return f"{done.returncode} {done.stdout} {done.stderr}"


def _shell(command):
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True)
    return f"{done.returncode} {done.stdout}{done.stderr}"


def _certificates(url="https://nowhere.invalid/"):
    import ssl

    import certifi
    import requests

    context = ssl.create_default_context()
    try:
        requests.get(url, timeout=3)
    except requests.RequestException as error:
        said = type(error).__name__
    return f"{len(context.get_ca_certs()) > 20 or context.cert_store_stats()['x509_ca'] > 20} {os.path.exists(certifi.where())} {said}"


def _language(name="de_DE.UTF-8"):
    import locale

    locale.setlocale(locale.LC_ALL, name)
    try:
        return f"{locale.format_string('%.2f', 1234567.891, grouping=True)} {locale.currency(3)} {locale.nl_langinfo(locale.MON_1)}"
    finally:
        locale.setlocale(locale.LC_ALL, "C")


def _tool(module, arguments=()):
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, input="[1]")
    return f"{done.returncode} {done.stdout[:400]}{done.stderr[-400:]}"


def _history(source="/tmp/models.git"):
    lines = [
        f"rm -rf {source} /tmp/clone && git init -q --bare {source} && git clone -q {source} /tmp/clone 2>/dev/null",
        "cd /tmp/clone && echo 1 > model && git add model && git -c user.name=a -c user.email=a@b commit -q -m one && git push -q origin HEAD && git log --format=%s && git status --short | wc -l",
        "git ls-remote https://127.0.0.1:1/x 2>&1 | tail -n 1 | cut -c 1-60; git -C /tmp/clone gc -q && git -C /tmp/clone fsck && git -C /tmp/clone archive HEAD | tar -t",
    ]
    return "".join(_shell(line) for line in lines)
