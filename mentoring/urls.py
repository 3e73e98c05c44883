from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from mentoring.portal import data_views
from mentoring.portal import views as portal

urlpatterns = [
    path("", include("programs.urls")),
    path("", include("applications.urls")),
    path("", include("matching.urls")),
    path("home/", portal.home, name="home"),
    path("account/data/", data_views.data, name="account_data"),
    path("account/data/download.json", data_views.as_json, name="account_data_json"),
    path("account/data/download.pdf", data_views.as_pdf, name="account_data_pdf"),
    path("account/data/erasure/", data_views.erasure, name="account_erasure"),
    path("account/", include("mentoring.accounts.urls")),
    path("admin/", admin.site.urls),
    path("health/live", portal.live, name="live"),
    path("health/ready", portal.ready, name="ready"),
]
if settings.EMBEDDED:
    urlpatterns.append(path("mail/", include("mentoring.stack.urls")))
