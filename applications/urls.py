from django.urls import path

from applications import (
    demographics_views,
    note_views,
    place_views,
    receipt_views,
    renewal_views,
    version_views,
    views,
    writing_views,
)

app_name = "applications"
urlpatterns = [
    path("programs/<slug:slug>/apply/", views.apply, name="apply"),
    path("programs/<slug:slug>/mentor/again/", renewal_views.renew, name="renew"),
    path("programs/<slug:slug>/mentor/", views.mentor, name="mentor"),
    path("applications/<int:pk>/", views.overview, name="overview"),
    path("applications/<int:pk>/review/", receipt_views.review, name="review"),
    path("applications/<int:pk>/receipt/", receipt_views.show, name="receipt"),
    path("applications/<int:pk>/receipt.pdf", receipt_views.as_pdf, name="receipt_pdf"),
    path("applications/<int:pk>/changes/", version_views.changes, name="changes"),
    path("applications/<int:pk>/demographics/", demographics_views.demographics, name="demographics"),
    path("programs/<slug:slug>/next/", note_views.next_cycle, name="next_cycle"),
    path("applications/<int:pk>/place/", place_views.place, name="place"),
    path("receipts/check/", receipt_views.check, name="check_receipt"),
    path("applications/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("applications/<int:pk>/restore/", views.restore, name="restore"),
    path("applications/<int:pk>/files/<int:file_pk>/", writing_views.file, name="file"),
    path("applications/<int:pk>/earlier/", writing_views.earlier, name="earlier"),
    path("applications/<int:pk>/<slug:slug>/", writing_views.section, name="section"),
    path("mentoring/<int:pk>/", views.mentor_interest, name="mentor_interest"),
    path("mentoring/<int:pk>/change/", views.change_interest, name="change_interest"),
]
