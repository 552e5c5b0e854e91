"""A member's own posts: written, submitted for review, followed until they are out."""
