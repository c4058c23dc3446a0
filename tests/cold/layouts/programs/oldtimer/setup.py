from setuptools import setup

setup(
    name="oldtimer",
    version="0.7",
    packages=["oldtimer"],
    package_data={"oldtimer": ["*.txt"]},
    entry_points={"console_scripts": ["oldtimer=oldtimer.cli:main"], "oldtimer.parts": ["wheel=oldtimer.wheel:turn"]},
    zip_safe=True,
)
