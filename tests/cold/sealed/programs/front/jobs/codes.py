import subprocess


def work(text="tea"):
    done = subprocess.run(["qrencode", "-t", "ASCII", "-o", "-", text], capture_output=True, text=True, check=True)
    return done.stdout
