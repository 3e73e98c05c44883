from django.urls import path

from matching import confidence_views, preference_views, views

app_name = "matching"
urlpatterns = [
    path("preferences/<int:pk>/", preference_views.preferences, name="preferences"),
    path("preferences/<int:pk>/compare/", preference_views.compare, name="compare"),
    path("preferences/<int:pk>/receipt/", preference_views.receipt, name="list_receipt"),
    path("confidence/<int:cycle_id>/", confidence_views.in_confidence, name="in_confidence"),
    path("pairings/<int:pk>/", views.pairing, name="pairing"),
    path("pairings/<int:pk>/dates.ics", views.dates, name="dates"),
]
