"""The addresses of the site as they are with DEBUG."""

from caisu.styleguide.urls import urlpatterns as living_page
from caisu.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
urlpatterns = [*urlpatterns, *living_page]
