"""What every use case stands on: the run and its settings, the image that the user named, plans,
stripping, and giving a result its name.
"""
