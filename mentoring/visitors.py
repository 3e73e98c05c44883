"""Pages for people who have not signed in, where an address is otherwise for those who have."""


def page_for_visitors(page):
    """Mark a view: whoever comes to look without being signed in gets ``page`` instead of the way to sign in."""

    def mark(view):
        view.for_visitors = page
        return view

    return mark
