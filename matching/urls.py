from django.urls import path

from matching import preference_views, views

app_name = "matching"
urlpatterns = [
    path("preferences/<int:pk>/", preference_views.preferences, name="preferences"),
    path("preferences/<int:pk>/compare/", preference_views.compare, name="compare"),
    path("preferences/<int:pk>/receipt/", preference_views.receipt, name="list_receipt"),
    path("pairings/<int:pk>/", views.pairing, name="pairing"),
]
