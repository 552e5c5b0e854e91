from django.urls import path

from . import views

app_name = "notifications"
urlpatterns = [
    path("", views.mine, name="list"),
    path("seen/", views.see_all, name="see_all"),
    path("<int:pk>/open/", views.follow, name="open"),
]
