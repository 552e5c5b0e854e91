from django.urls import path

from . import views

app_name = "moderation"
urlpatterns = [
    path("report/", views.report_issue, name="report"),
    path("report/thanks/", views.report_thanks, name="report_thanks"),
    path("accounts/standing/<str:token>/", views.standing, name="standing"),
]
