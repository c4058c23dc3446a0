"""Feeds, written and read; where sounds are found by an address."""

import datetime


def feed(kind, extensions):
    from feedgen.feed import FeedGenerator

    one = FeedGenerator()
    one.id("urn:station")
    one.title("Station")
    one.link(href="http://station.invalid")
    one.description("what was said")
    for name in extensions:
        one.load_extension(name, atom=True, rss=True)
    if "podcast" in extensions:
        one.podcast.itunes_category("Technology", "Podcasting")
    if "dc" in extensions:
        one.dc.dc_creator("a station")
    entry = one.add_entry()
    entry.id("urn:one")
    entry.title("one")
    entry.published(datetime.datetime(2026, 3, 4, tzinfo=datetime.timezone.utc))
    return getattr(one, f"{kind}_str")(pretty=True)


def read(text):
    import feedparser

    one = feedparser.parse(text)
    return [one.version, len(one.entries), one.bozo, [str(entry.get("published_parsed") and entry.published_parsed[:3]) for entry in one.entries], one.feed.get("title")]


def find(by, url):
    if by == "streamlink":
        import streamlink

        name, kind, address = streamlink.Streamlink().resolve_url(url)
        return [name, kind.__module__, address]
    import yt_dlp

    with yt_dlp.YoutubeDL({"quiet": True, "no_warnings": True, "skip_download": True, "socket_timeout": 3, "retries": 0, "extractor_retries": 0}) as one:
        for key, kind in one._ies.items():
            if kind.suitable(url):
                found = one.get_info_extractor(key)
                return [key, type(found).__module__, found.IE_NAME]
    return None
