from django.urls import path

from . import views

app_name = "members"
urlpatterns = [
    path("members/", views.Directory.as_view(), name="directory"),
    path("members/<slug:username>/", views.profile, name="profile"),
    path("terms/", views.terms, name="terms"),
]
