from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from mentoring.portal import views as portal

urlpatterns = [
    path("", include("programs.urls")),
    path("", include("applications.urls")),
    path("", include("matching.urls")),
    path("home/", portal.home, name="home"),
    path("account/", include("mentoring.accounts.urls")),
    path("admin/", admin.site.urls),
    path("health/live", portal.live, name="live"),
    path("health/ready", portal.ready, name="ready"),
]
if settings.EMBEDDED:
    urlpatterns.append(path("mail/", include("mentoring.stack.urls")))
