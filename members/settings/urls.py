from django.urls import path

from . import data, invitations, joining, leaving, mails, pages, profile, security, sessions

urlpatterns = [
    path("joining/", joining.application, name="application"),
    path("reauthenticate/code/", security.reauthenticate, name="reauthenticate"),
    path("still-here/<str:token>/", leaving.still_here, name="still_here"),
    path("settings/", pages.overview, name="settings"),
    path("settings/profile/", profile.edit, name="edit_profile"),
    path("settings/avatar/", profile.avatar, name="avatar"),
    path("settings/privacy/", profile.privacy, name="privacy"),
    path("settings/notifications/", mails.notification_settings, name="notification_settings"),
    path("settings/security/", security.overview, name="security"),
    path("sessions/", sessions.mine, name="sessions"),
    path("sessions/end/", sessions.end, name="end_sessions"),
    path("sessions/<int:pk>/end/", sessions.end, name="end_session"),
    path("settings/invitations/", invitations.mine, name="invitations"),
    path("settings/invitations/<int:pk>/revoke/", invitations.revoke, name="revoke_invitation"),
    path("settings/export/", data.export, name="export"),
    path("settings/export/<str:token>/", data.download, name="download"),
    path("settings/delete/", leaving.delete, name="delete"),
    path("settings/delete/cancel/", leaving.stay, name="stay"),
]
