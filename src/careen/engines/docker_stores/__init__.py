"""Docker's own stores on this machine's disk, read in place: an image comes out of them without
`docker save`, which copies it.

Only the daemon's word and digests are trusted: what a store holds is checked as an archive is, and
whoever finds it otherwise takes the image by `docker save`.
"""
