"""Workers of the server, by name."""

from gunicorn.workers.gthread import ThreadWorker


class Careful(ThreadWorker):
    """Threads, and a word at the start."""

    def init_process(self):
        self.log.info("a careful worker")
        super().init_process()
