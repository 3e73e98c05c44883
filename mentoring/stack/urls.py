from django.urls import path

from mentoring.stack import views

app_name = "stack"
urlpatterns = [
    path("", views.mail_list, name="mail_list"),
    path("<slug:name>/", views.mail_detail, name="mail_detail"),
    path("<slug:name>/html/", views.mail_html, name="mail_html"),
]
