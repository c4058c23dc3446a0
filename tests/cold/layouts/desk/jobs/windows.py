"""A picture of the desk where there is a screen, and a word where there is none."""


def run():
    try:
        import tkinter

        tkinter.Tk()
    except ImportError as error:
        print("no screen:", error.name)
    try:
        import turtle
    except ImportError as error:
        print("no turtle:", error.name)
    else:
        print(turtle)
    for name in ("idlelib.autocomplete", "ensurepip", "lib2to3", "distutils", "venv", "curses.panel", "dbm.gnu", "dbm.sqlite3"):
        try:
            __import__(name)
            print(name, "is there")
        except ImportError as error:
            print(name, type(error).__name__, error.name)
