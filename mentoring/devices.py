"""On what somebody is writing, in words they know it by."""

# The first that fits counts: browsers claim to be each other, and phones to be computers.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
            ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "Chromebook"),
           ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip


def device_words(user_agent):
    """ "Firefox on Android", from what a browser says of itself; "another device" where that says nothing."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return " on ".join(filter(None, [browser, system])) or "another device"
