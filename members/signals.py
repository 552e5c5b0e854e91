"""What happens to a person, told to whoever stands above and cares."""

from django.dispatch import Signal

# Somebody has signed up; the account is made, its address not yet proven. Receivers return names of
# reasons to look closer, or an empty list. Arguments: member, request.
signing_up = Signal()

# A newcomer's address is confirmed. Arguments: member.
member_confirmed = Signal()

# A member changes what they say of themselves, in words: in the transaction that does it. Receivers
# return whether it has to wait for a moderator. Arguments: member, as they were; texts, all that would
# then differ from what is shown, by field (nothing, if they take back what waits); address, the network
# address it came from.
profile_changing = Signal()

# A member's data are put together for them. Receivers return what they hold of the member as a dict
# of file names to JSON-able data, an iterator of such (written row by row, as an array), bytes, an
# open file or an exporting.Stored. Arguments: member.
exporting = Signal()

# A member leaves for good, in the transaction that scrubs them. Arguments: member,
# removes_contributions.
member_left = Signal()
