from functools import partial

from allauth.urls import build_provider_urlpatterns
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog

from caisu.core import media, views
from caisu.core.sitemaps import Pages, Places, in_both_languages, sitemap
from members import codes
from members.signing_up import SignupView
from news import feeds
from news.sharing import views as sharing
from news.sitemaps import Articles, Categories, FrontPages
from news.views import hit, short_link

SITEMAPS = in_both_languages(
    front=FrontPages,
    categories=Categories,
    articles=Articles,
    pages=Pages,
    terms=partial(Places, names=["members:terms"]),
)

urlpatterns = [
    path("", views.root, name="root"),
    path("language/<str:language>/", views.switch_language, name="language"),
    path("theme/<str:choice>/", views.switch_theme, name="theme"),
    path("n/<int:pk>/", short_link, name="short_link"),
    path("n/<int:pk>/qr.png", sharing.qr, name="share_qr"),
    path("n/<int:pk>/<slug:language>/<slug:kind>.png", sharing.picture, name="share_picture"),
    path("hit/<int:pk>/", hit, name="hit"),
    path("upload/", media.upload, name="upload"),
    path("media/<path:path>", media.serve, name="media"),
    path("health/", views.health, name="health"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sections": SITEMAPS}, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemap, {"sections": SITEMAPS}, name="sitemap_section"),
    path("feeds/<slug:language>/news.atom", feeds.news, name="feed"),
    path("feeds/<slug:language>/<slug:slug>.atom", feeds.category, name="category_feed"),
    path("feeds/<slug:language>/by/<slug:username>.atom", feeds.author, name="author_feed"),
    # In place of the admin's own, which leaves our words out.
    path(
        settings.ADMIN_PATH + "jsi18n/",
        admin.site.admin_view(JavaScriptCatalog.as_view(), cacheable=True),
        name="jsi18n",
    ),
    path(settings.ADMIN_PATH, admin.site.urls),
    # Where Google, GitHub and WeChat send somebody back to: one address, whatever the language.
    path("accounts/", include(build_provider_urlpatterns())),
    *i18n_patterns(
        path("", include("members.moderation.urls")),
        path("", include("members.urls")),
        path("accounts/notifications/", include("members.notifications.urls")),
        path(
            "accounts/confirm-email/",
            codes.ConfirmEmail.as_view(),
            name="account_email_verification_sent",
        ),
        path(
            "accounts/login/code/confirm/",
            codes.ConfirmLogin.as_view(),
            name="account_confirm_login_code",
        ),
        path(
            "accounts/password/reset/confirm/",
            codes.ConfirmReset.as_view(),
            name="account_confirm_password_reset_code",
        ),
        path(
            "accounts/password/reset/complete/",
            codes.CompleteReset.as_view(),
            name="account_complete_password_reset",
        ),
        path("accounts/signup/", SignupView.as_view(), name="account_signup"),
        path("accounts/", include("allauth.account.urls")),
        # What is set up is said in one place.
        path(
            "accounts/2fa/", RedirectView.as_view(pattern_name="members:security"), name="mfa_index"
        ),
        path("accounts/2fa/", include("allauth.mfa.urls")),
        path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
        path("comments/", include("news.comments.urls")),
        path("search/", include("caisu.search.urls")),
        path("", include("caisu.core.urls")),
        path("", include("news.urls")),
    ),
]

if settings.DEBUG:
    urlpatterns += [path("", include("caisu.styleguide.urls"))]

handler400 = "caisu.core.views.bad_request"
handler403 = "caisu.core.views.forbidden"
handler404 = "caisu.core.views.not_found"
handler500 = "caisu.core.views.server_error"
