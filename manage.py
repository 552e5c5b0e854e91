#!/usr/bin/env python3
"""Django's command line. ``run`` needs no settings beforehand: it writes var/local.env first."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caisu.settings")
    if sys.argv[1:2] == ["run"]:
        from caisu.core.local_env import ensure_local_env, follow_address

        ensure_local_env()
        follow_address()
        if "--dev" in sys.argv:
            os.environ["DEBUG"] = "true"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
