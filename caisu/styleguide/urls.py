"""The living page; caisu.urls takes it in with DEBUG alone."""

from django.urls import path

from .views import styleguide

urlpatterns = [path("styleguide/", styleguide, name="styleguide")]
