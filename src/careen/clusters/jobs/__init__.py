"""Jobs of other schedulers that work a list of images off, one image per task.

The unit of work is `careen fleet work LIST`. The engine gives the index, the retries and the time.
Statuses 2, 3 and 4 are final, 1 and signals are tried again (docs/exit-codes.md).
"""
