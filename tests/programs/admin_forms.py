"""What a browser would send for a page of the admin, if nobody typed anything."""


def as_shown(response):
    """The fields of an admin page with its inlines, by name, as they stand in the page."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    return {name: value for form in forms for name, value in shown(form).items()}


def shown(form):
    """The fields of one form, by their names in the page."""
    return {form[name].html_name: text(form[name]) for name in form.fields}


def text(bound):
    value = bound.value()
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, list | tuple) and not hasattr(bound.field.widget, "choices"):
        value = bound.field.prepare_value(value)
    if value is None:
        return ""
    return (
        value
        if isinstance(value, list)
        else (bound.field.widget.format_value(value) or "")
        if _formats(bound)
        else value
    )


def _formats(bound):
    return hasattr(bound.field.widget, "format_value") and not hasattr(bound.field.widget, "choices")
