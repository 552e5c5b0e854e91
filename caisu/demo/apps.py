from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "caisu.demo"
    label = "demo"
