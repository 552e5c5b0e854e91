"""The news desk: articles in Django's admin."""
