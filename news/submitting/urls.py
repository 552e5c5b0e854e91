from django.urls import path

from . import views

urlpatterns = [
    path("", views.OwnPosts.as_view(), name="submit"),
    path("new/", views.new, name="post_new"),
    path("<int:pk>/", views.edit, name="post_edit"),
    path("<int:pk>/keep/", views.keep, name="post_keep"),
    path("<int:pk>/take-back/", views.take_back, name="post_take_back"),
    path("<int:pk>/discard/", views.discard, name="post_discard"),
    path("<int:pk>/delete/", views.delete, name="post_delete"),
]
