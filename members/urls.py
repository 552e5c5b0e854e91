from django.urls import include, path

from . import signing_up, views
from .directory import Directory

app_name = "members"
urlpatterns = [
    path("members/", Directory.as_view(), name="directory"),
    path("members/<slug:username>/", views.profile, name="profile"),
    path("terms/", views.terms, name="terms"),
    path("accounts/signup/challenge/", signing_up.challenge, name="signup_challenge"),
    path("accounts/", include("members.settings.urls")),
]
