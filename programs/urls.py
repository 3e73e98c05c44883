from django.urls import path

from programs import views

app_name = "programs"
urlpatterns = [
    path("", views.index, name="index"),
    path("programs/<slug:slug>/", views.program, name="program"),
    path("programs/<slug:slug>/dates.ics", views.dates, name="dates"),
    path("programs/<slug:slug>/eligibility/", views.check, name="check"),
    path("programs/<slug:slug>/rules/", views.rules, name="rules"),
    path("programs/<slug:slug>/rules/<slug:version>/", views.kept_rules, name="rule_card"),
    path("programs/<slug:slug>/ask/", views.ask, name="ask"),
    path("programs/<slug:slug>/ask/sent/", views.asked, name="asked"),
]
