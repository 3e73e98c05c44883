from django.urls import path

from applications import views

app_name = "applications"
urlpatterns = [
    path("programs/<slug:slug>/apply/", views.apply, name="apply"),
    path("programs/<slug:slug>/mentor/", views.mentor, name="mentor"),
    path("applications/<int:pk>/", views.overview, name="overview"),
    path("applications/<int:pk>/review/", views.review, name="review"),
    path("applications/<int:pk>/receipt/", views.receipt, name="receipt"),
    path("applications/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("applications/<int:pk>/restore/", views.restore, name="restore"),
    path("applications/<int:pk>/<slug:slug>/", views.section, name="section"),
    path("mentoring/<int:pk>/", views.mentor_interest, name="mentor_interest"),
    path("mentoring/<int:pk>/change/", views.change_interest, name="change_interest"),
]
