from django.contrib import admin

from mentoring.audit.models import Event
from mentoring.staff import ReadOnlyAdmin


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor_name", "verb", "target_name", "before", "after"]
    list_filter = ["verb", "target_type"]
    search_fields = ["actor_name", "target_name", "reason"]
    date_hierarchy = "at"
    show_full_result_count = False
