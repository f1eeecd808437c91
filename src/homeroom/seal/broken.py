"""The reasons to refuse a sealed file, from outside (NotSealed) or when it is opened (SealBroken). The lists are closed. Each reason has one sentence for the
sender, which repeats nothing from the file.
"""

from enum import StrEnum


class Outside(StrEnum):
    """Faults of a file that show without opening it."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    PLAIN = "plain"
    PLAIN_AFTER = "plain-after"
    PLAIN_WITHIN = "plain-within"
    SIGNED_ONLY = "signed-only"
    KEY = "key"
    PRIVATE_KEY = "private-key"
    TWO_MESSAGES = "two-messages"
    TRUNCATED = "truncated"
    SYMMETRIC = "symmetric"
    HIDDEN_RECIPIENT = "hidden-recipient"
    NO_RECIPIENT = "no-recipient"
    RECIPIENTS_MANY = "recipients-many"
    NO_INTEGRITY = "no-integrity"
    MALFORMED = "malformed"
    UNSUPPORTED = "unsupported"


class Inside(StrEnum):
    """Faults of a seal that show when it is opened."""

    NOT_FOR_US = "not-for-us"
    BROKEN = "broken-seal"
    UNSIGNED = "unsigned"
    UNKNOWN_SIGNER = "unknown-signer"
    REVOKED_SIGNER = "revoked-signer"
    EXPIRED_SIGNER = "expired-signer"
    FUTURE_SIGNATURE = "future-signature"
    BAD_SIGNATURE = "bad-signature"
    CONTENT = "unreadable-content"
    EXPLODES = "seal-explodes"
    CIPHER = "unsupported-cipher"
    MISSING = "missing"


type Reason = Outside | Inside

AGAIN = "Please seal the export again and send it again."
SENTENCES: dict[Reason, str] = {
    Outside.EMPTY: "The file is empty. Please export again, seal the export and send it.",
    Outside.TOO_LARGE: "The file is larger than 1 GiB. Please leave out past years, seal the export and send it again.",
    Outside.PLAIN: "The file was not sealed and has been removed. Please seal it with the portal's certificate first.",
    Outside.PLAIN_AFTER: f"Something unsealed follows the sealed part. {AGAIN}",
    Outside.PLAIN_WITHIN: f"A part of the file is not sealed. {AGAIN}",
    Outside.SIGNED_ONLY: "The file is signed and not sealed. Please use both: gpg --sign --encrypt.",
    Outside.KEY: "The file is a key or a certificate and not an export. Please send the sealed export.",
    Outside.PRIVATE_KEY: "The file holds a secret key and has been removed. Please replace that key: take it as lost.",
    Outside.TWO_MESSAGES: "The file holds more than one sealed message. Please send one export a file.",
    Outside.TRUNCATED: "The file ends before its seal does: it was cut off on the way. Please send it again.",
    Outside.SYMMETRIC: "The file is sealed with a password. Please seal it with the portal's certificate only.",
    Outside.HIDDEN_RECIPIENT: "The file hides its recipient. Please seal it without --hidden-recipient.",
    Outside.NO_RECIPIENT: "The file does not name its recipient. Please seal it with the portal's certificate.",
    Outside.RECIPIENTS_MANY: "The file is sealed for more than 32 keys. Please seal it for the portal and yourself.",
    Outside.NO_INTEGRITY: "The seal has no protection against changes. Please seal it with a current gpg or sq.",
    Outside.MALFORMED: f"The seal cannot be read. {AGAIN}",
    Outside.UNSUPPORTED: "The seal is of a kind this portal does not take. Please use gpg or sq as they come.",
    Inside.NOT_FOR_US: "The file is sealed for another key than the portal's. Please fetch the portal's certificate.",
    Inside.BROKEN: "The seal is broken: the file was changed or damaged after it was sealed. Please send it again.",
    Inside.UNSIGNED: "The file is sealed and not signed. Please use both: gpg --sign --encrypt.",
    Inside.UNKNOWN_SIGNER: "The file is signed with a key that is not registered here. Please use the registered key.",
    Inside.REVOKED_SIGNER: "The file is signed with a key that has been revoked. Please register a new key.",
    Inside.EXPIRED_SIGNER: "The file is signed with a key that has expired. Please extend it and register it again.",
    Inside.FUTURE_SIGNATURE: "The signature's time has not come yet. Please set the clock of the computer that signs.",
    Inside.BAD_SIGNATURE: "The signature does not hold. Please sign with the registered key and a current gpg or sq.",
    Inside.CONTENT: f"The sealed file doesn't contain one signed file. {AGAIN}",
    Inside.EXPLODES: "The sealed file unpacks to more than an export can be. Seal the ZIP itself.",
    Inside.CIPHER: "The file is sealed with a cipher this portal does not take. Please use gpg or sq as they come.",
    Inside.MISSING: "The sealed file is no longer kept. Seal the export again and send that.",
}


class NotSealed(Exception):
    """The file is not exactly one sealed message for named recipients."""

    def __init__(self, reason: Outside) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason


class SealBroken(Exception):
    """The file could not be opened, or its signature is not valid. Nothing in it may be used."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason


def reason_of(code: str) -> Reason:
    """Returns the reason with this code. Raises ValueError for any other word."""
    return Outside(code) if code in Outside else Inside(code)
