from django.urls import include, path

from mentoring.accounts import views

urlpatterns = [
    path("profile/", views.profile, name="account_profile"),
    path("institutions/", views.institutions, name="account_institutions"),
    path("", include("allauth.urls")),
]
