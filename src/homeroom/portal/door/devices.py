"""Which kind of browser on which kind of device, in a few honest words. Pure. For the person's own list of sessions, and for nobody else."""

from django.utils.translation import gettext as _

# The first that stands in the browser's own words wins: Edge and Opera say Chrome, Chrome says Safari, an iPhone says Mac.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "Chromebook"), ("Windows", "Windows"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(user_agent: str) -> str:
    """Firefox on Android; what is not known stays empty, and of the rest nothing is kept: no version, no model."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if browser and system else browser or system


def device_words(device: str) -> str:
    """In the language of the page."""
    browser, is_both, system = device.partition(" on ")
    if is_both:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return device or _("A browser")
