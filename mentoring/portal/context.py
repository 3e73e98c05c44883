from django.conf import settings


def site(request):
    """What every page knows."""
    return {"site_name": settings.SITE_NAME, "embedded": settings.EMBEDDED}
