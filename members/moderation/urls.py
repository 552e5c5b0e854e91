from django.urls import path

from . import decision_views, views

app_name = "moderation"
urlpatterns = [
    path("report/", views.report_issue, name="report"),
    path("report/thanks/", views.report_thanks, name="report_thanks"),
    path("members/<slug:username>/report/", views.report_profile, name="report_profile"),
    path("accounts/decisions/", decision_views.decisions, name="decisions"),
    path("accounts/decisions/<int:pk>/", decision_views.decision, name="decision"),
    path("accounts/standing/<str:token>/", views.standing, name="standing"),
]
