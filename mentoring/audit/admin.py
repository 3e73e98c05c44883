from django.contrib import admin
from django.contrib.auth import get_user_model
from django.utils.html import format_html

from mentoring.audit.models import Event
from mentoring.staff import ReadOnlyAdmin, number_or_none


class StaffFilter(admin.SimpleListFilter):
    """Who did it, among staff; everyone else is found by the search."""

    title = "who did it"
    parameter_name = "who"

    def lookups(self, request, model_admin):
        staff = get_user_model().objects.filter(is_staff=True).order_by("name", "pk")
        return [("portal", "The portal"), *((str(person.pk), str(person)) for person in staff)]

    def queryset(self, request, queryset):
        if self.value() == "portal":
            return queryset.filter(actor_id=None)
        number = number_or_none(self.value() or "")
        return queryset if number is None else queryset.filter(actor_id=number)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["happened", "sentence", "about", "reason"]
    list_filter = [StaffFilter, "verb", "target_type"]
    search_fields = ["actor_name", "target_name", "reason"]
    search_help_text = "Finds who did it, what it was done to, and why."
    date_hierarchy = "at"
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)

    @admin.display(description="When", ordering="at")
    def happened(self, event):
        return event.when

    @admin.display(description="What happened")
    def sentence(self, event):
        return event.sentence

    @admin.display(description="About", ordering="target_name")
    def about(self, event):
        if not event.admin_url:
            return event.target_name
        return format_html('<a href="{}">{}</a>', event.admin_url, event.target_name)
