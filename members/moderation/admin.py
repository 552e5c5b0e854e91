"""Django looks here: the queue, the log, the people, and what keeps the house clean."""

from . import (  # noqa: F401 - register
    appointment_admin,
    case_admin,
    house_admin,
    log_admin,
    member_admin,
    storm_admin,
    sweep_admin,
)
