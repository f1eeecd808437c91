"""Joins two shares of a restore key into its secret."""

from collections.abc import Sequence

from shamir_mnemonic import MnemonicError, combine_mnemonics

from homeroom.seal.opening.wrapped import WrapBroken, open_with
from homeroom.seal.shares import NEEDED, ReadShare, ShareOdd, check_together
from homeroom.seal.wrapping import KeyOdd, Pair, new_data_key, seal_for

CONTEXT = b"homeroom: do these shares open this key"


def joined(shares: Sequence[ReadShare]) -> bytes:
    """Raises ShareOdd."""
    check_together(shares)
    try:
        return bytes(combine_mnemonics([" ".join(share.words) for share in shares[:NEEDED]]))
    except MnemonicError as odd:
        raise ShareOdd("These shares do not make a key together, though each is whole. Take the third sheet for one of them.") from odd


def opens(secret: bytes, public: bytes) -> bool:
    """Returns whether this is the secret of the public half, by sealing and opening something random. Raises KeyOdd for an odd public half."""
    token = new_data_key()
    sealed = seal_for(public, token, CONTEXT)
    try:
        return open_with(Pair(secret, public), sealed, CONTEXT) == token
    except (WrapBroken, KeyOdd):
        return False


def pair_of(shares: Sequence[ReadShare], public: bytes) -> Pair:
    """Raises ShareOdd, or KeyOdd if the shares are of another key."""
    secret = joined(shares)
    if not opens(secret, public):
        raise KeyOdd("These shares make a key, but not the one of this public half. Compare the key's name on the sheets.")
    return Pair(secret, public)
