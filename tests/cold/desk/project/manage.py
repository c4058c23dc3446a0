#!/usr/bin/env python
"""Django's commands, with the settings that DESK_SETTINGS names."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings." + os.environ.get("DESK_SETTINGS", "production"))
execute_from_command_line(sys.argv)
