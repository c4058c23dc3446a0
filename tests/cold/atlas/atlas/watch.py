"""Included by ATLAS_EXTRA: how long each answer took, and a graph of imports that only this wants."""


def tween(handler, registry):
    import statistics
    import time

    took = []

    def timed(request):
        began = time.perf_counter()
        answer = handler(request)
        took.append(time.perf_counter() - began)
        answer.headers["server-timing"] = f"mean;dur={statistics.fmean(took):.3f}"
        return answer

    return timed


def includeme(config):
    config.add_tween("atlas.watch.tween", under="pyramid.tweens.excview_tween_factory")
