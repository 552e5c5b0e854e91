"""People, how they came, what they agreed to, what they hold, and how they leave."""

from .entrance import Application, Invitation, new_code
from .leaving import BarredAddress, DataExport, Departure
from .member import FormerHandle, Member, MemberManager, MemberQuerySet
from .offices import Appointment
from .terms import Terms, TermsAcceptance

__all__ = [
    "Application",
    "Appointment",
    "BarredAddress",
    "DataExport",
    "Departure",
    "FormerHandle",
    "Invitation",
    "Member",
    "MemberManager",
    "MemberQuerySet",
    "Terms",
    "TermsAcceptance",
    "new_code",
]
