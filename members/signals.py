"""What happens to a person, told to whoever stands above and cares."""

from django.dispatch import Signal

# A newcomer's address is confirmed. Arguments: member.
member_confirmed = Signal()
