from importlib.metadata import version

print("greeter", version("greeter"))
