"""What is inside an image and who owns each file; one file per ecosystem.

Takes a `Rootfs`, returns an `Inventory`. What could not be read is a result (`Unknown`), not
silence.
"""
