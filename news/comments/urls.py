from django.urls import path

from . import following_views, views

app_name = "comments"
urlpatterns = [
    path("post/<int:article_id>/", views.post, name="post"),
    path("close/<int:article_id>/", views.close, name="close"),
    path("mentionable/", following_views.mentionable, name="mentionable"),
    path("follow/<int:article_id>/", following_views.follow, name="follow"),
    path("seen/<int:article_id>/", following_views.seen, name="seen"),
    path("since/<int:article_id>/", following_views.since, name="since"),
    path("<int:pk>/", views.permalink, name="permalink"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/like/", views.like, name="like"),
    path("<int:pk>/report/", views.report, name="report"),
]
