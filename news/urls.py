from django.urls import include, path, register_converter
from django.urls.converters import IntConverter, StringConverter

from . import preview_views, views


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
    path("preview/<str:token>/", preview_views.preview, name="preview"),
    path("news/", views.NewsIndex.as_view(), name="index"),
    path("news/most-read/", views.MostRead.as_view(), name="most_read"),
    path("news/tag/<word:tag>/", views.TagPage.as_view(), name="tag"),
    path("news/by/<slug:username>/", views.AuthorPage.as_view(), name="author"),
    path("news/<year:year>/", views.ArchivePage.as_view(), name="year"),
    path("news/<year:year>/<int:month>/", views.ArchivePage.as_view(), name="month"),
    path("news/<year:year>/<slug:slug>/", views.article, name="article"),
    path("news/<year:year>/<slug:slug>/report/", views.report, name="report"),
    path("news/submit/", include("news.submitting.urls")),
    path("news/<word:category>/", views.CategoryPage.as_view(), name="category"),
]
