"""The kind of browser and device in a few honest words. Pure. Only the owner sees it, in the list of their sessions."""

from django.utils.translation import gettext as _

# The first match in the browser's own words wins: Edge and Opera say Chrome, Chrome says Safari, an iPhone says Mac.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "Chromebook"), ("Windows", "Windows"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(user_agent: str) -> str:
    """Returns for example "Firefox on Android". An unknown part is left out. Nothing else is kept: no version, no model."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if browser and system else browser or system


def device_words(device: str) -> str:
    """Returns the device in the language of the page."""
    browser, is_both, system = device.partition(" on ")
    if is_both:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return device or _("A browser")
