from django.urls import path

from matching import views

app_name = "matching"
urlpatterns = [
    path("preferences/<int:pk>/", views.preferences, name="preferences"),
    path("pairings/<int:pk>/", views.pairing, name="pairing"),
]
