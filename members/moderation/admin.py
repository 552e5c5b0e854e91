"""Django looks here: the queue and the log, and the people."""

from . import case_admin, member_admin  # noqa: F401 - register
