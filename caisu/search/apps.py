from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "caisu.search"
    label = "search"
