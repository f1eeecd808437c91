"""The SSH keys that a sender may sign in with."""

from collections.abc import Collection

import asyncssh
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from homeroom.gateway.book import BookOdd

ALLOWED = {
    b"ssh-ed25519",
    b"sk-ssh-ed25519@openssh.com",
    b"ecdsa-sha2-nistp256",
    b"ecdsa-sha2-nistp384",
    b"ecdsa-sha2-nistp521",
    b"sk-ecdsa-sha2-nistp256@openssh.com",
    b"ssh-rsa",
}
NIST_CURVES = {name for name in ALLOWED if b"ecdsa" in name}  # keys registered by an earlier release keep working: docs/decisions/0045
RSA_BITS = 3072  # NIST SP 800-57: 128 bits of security


def checked_key(line: str, registered: Collection[str] = ()) -> str:
    """Returns the key without its comment, which may name a person. `registered` are keys that are in use already. Raises BookOdd."""
    if "PRIVATE KEY" in line:  # asyncssh would read the public half of it
        raise BookOdd("This is a private key, which must never leave its computer. Delete it here, and ask for the public key of a new pair, "
                      "such as id_ed25519.pub.")
    try:
        key = asyncssh.import_public_key(line.strip())
    except (asyncssh.KeyImportError, ValueError) as odd:
        raise BookOdd("This isn't an SSH public key. Send the one line of a file like id_ed25519.pub.") from odd
    if not is_strong(key):
        raise BookOdd("This key is too weak. Make a new one with: ssh-keygen -t ed25519")
    if key.algorithm in NIST_CURVES and line_of(key) not in registered:
        raise BookOdd("Homeroom takes no new keys on NIST curves (ECDSA). Make a new one with: ssh-keygen -t ed25519")
    return line_of(key)


def is_strong(key: asyncssh.SSHKey) -> bool:
    if key.algorithm not in ALLOWED:
        return False
    held = key.pyca_key
    return not isinstance(held, RSAPublicKey) or held.key_size >= RSA_BITS


def line_of(key: asyncssh.SSHKey) -> str:
    return " ".join(key.export_public_key().decode().split()[:2])
