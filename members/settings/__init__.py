"""A member's own pages: profile, privacy, security, invitations, data and leaving."""
