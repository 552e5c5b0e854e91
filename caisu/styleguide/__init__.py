"""The living page: every component of the site at once, in both languages, by day and by night.

It exists with DEBUG alone (``make dev``, then ``/styleguide/``), and is what ``make looks`` compares
with an earlier commit.
"""
