"""What happens to an article, told to whoever hangs on it."""

from django.dispatch import Signal

# What may be seen of an article has changed. Arguments: article.
article_changed = Signal()
