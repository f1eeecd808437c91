"""The gateway's own reasons to refuse a file, with one sentence each. The set is closed. seal.broken.Outside has the reasons that an envelope shows."""

from enum import StrEnum

from homeroom.seal import broken
from homeroom.seal.broken import Outside


class Reason(StrEnum):
    UNKNOWN_SENDER = "unknown-sender"
    REVOKED = "revoked-sender"
    EXPIRED = "expired-sender"
    WRONG_RECIPIENT = "wrong-recipient"
    TWO_PORTALS = "two-portals"
    TOO_MUCH_WAITING = "too-much-waiting"
    NO_ROOM = "no-room"
    UNFINISHED = "unfinished"
    WITHDRAWN = "withdrawn"
    PORTAL_AWAY = "portal-away"


type Why = Reason | Outside

SENTENCES: dict[Reason, str] = {
    Reason.UNKNOWN_SENDER: "This sender is not known here. Please ask the gateway's operator to add you.",
    Reason.REVOKED: "This sender was revoked. Please ask the gateway's operator for a new registration.",
    Reason.EXPIRED: "This sender's registration has ended. Please ask the gateway's operator to renew it.",
    Reason.WRONG_RECIPIENT: (
        "The file is not sealed for a portal that you may send to. Please fetch your portal's certificate from its"
        " administrator's page, seal the export with it and send that."
    ),
    Reason.TWO_PORTALS: "The file is sealed for two portals. Please seal one file a portal, for that portal alone.",
    Reason.TOO_MUCH_WAITING: (
        "Too many of your files are waiting for their portal. Please send again once some are delivered."
    ),
    Reason.NO_ROOM: (
        "The gateway could not store the file: its disk is full or failing. Nothing was kept. Please send it later."
    ),
    Reason.UNFINISHED: (
        "An upload was closed under a temporary name (.part, .tmp, .filepart) and never renamed, so it was removed."
        " Please send it again, and rename it after the upload or upload it under its final name."
    ),
    Reason.WITHDRAWN: (
        "The file was removed before delivery: its sender may no longer send to this portal. Please ask the"
        " gateway's operator."
    ),
    Reason.PORTAL_AWAY: (
        "The portal could not be reached for seven days, so the file was removed. Please send a new export."
    ),
}


def sentence(why: Why) -> str:
    return SENTENCES[why] if isinstance(why, Reason) else broken.SENTENCES[why]


def why(code: str) -> Why:
    """Returns the reason with this code. Raises ValueError for any other word."""
    return Reason(code) if code in Reason else Outside(code)
