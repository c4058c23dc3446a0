import functools
import os
import shutil

from workshop.process import Refused, run

WATCHED = "ps pgrep lscpu getopt".split()
CHECKS = {
    "html": {"tool": "tidy", "limit": 20},
    "kind": {"tool": "file", "limit": 5},
}
show = functools.partial(run, "column")


def watch(name, arguments, given):
    if name in WATCHED:
        return run(name, *arguments, given=given)
    raise Refused(name)


def check(name, arguments, given):
    return run(CHECKS[name]["tool"], *arguments, given=given)


def table(name, arguments, given):
    return show(*arguments, given=given)


def sound(name, arguments, given):
    found = next(filter(shutil.which, ("ffmpeg", "sox")), None)
    if found is None:
        return 127, "no program for sounds\n"
    return run(found, *arguments, given=given)


def digest(name, arguments, given, hasher=os.environ.get("WORKSHOP_HASHER", "rhash")):
    return run(hasher, *arguments, given=given)


def describe(name, arguments, given, program="exiftool"):
    match name:
        case "facts":
            return run(program, *arguments, given=given)
        case "script":
            words = ["perl", *arguments]
        case "dump":
            words = ["objdump", *arguments]
        case _:
            raise Refused(name)
    return run(*words, given=given)
