"""What is known against packages: one file per feed, the SQLite store, matching.

Takes feeds' documents and an `Inventory`, returns findings. It reads the network only in `update`,
and must not know what a workload ran.
"""
