from django.urls import path

from . import views

app_name = "core"
urlpatterns = [path("pages/<slug:slug>/", views.PageView.as_view(), name="page")]
