from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from . import views


class YearConverter(IntConverter):
    regex = "[0-9]{4}"


class SlugConverter(StringConverter):
    """Like Django's, without four digits, which are a year."""

    regex = r"(?![0-9]{4}/)[-a-z0-9_]+"


register_converter(YearConverter, "year")
register_converter(SlugConverter, "word")

app_name = "news"
urlpatterns = [
    path("", views.FrontPage.as_view(), name="front"),
    path("news/", views.NewsIndex.as_view(), name="index"),
    path("news/tag/<word:tag>/", views.TagPage.as_view(), name="tag"),
    path("news/<year:year>/", views.ArchivePage.as_view(), name="year"),
    path("news/<year:year>/<int:month>/", views.ArchivePage.as_view(), name="month"),
    path("news/<year:year>/<slug:slug>/", views.article, name="article"),
    path("news/<word:category>/", views.CategoryPage.as_view(), name="category"),
]
