"""A project from a template."""
import subprocess


def run(template, folder="/code"):
    return subprocess.run(["cookiecutter", "--no-input", "-o", folder, template], capture_output=True, text=True, check=True).stdout
