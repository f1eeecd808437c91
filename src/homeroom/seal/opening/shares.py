"""Two shares of a restore key become its secret again."""

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
    """Whether it is the secret of this public half: something random is sealed and opened again. Raises KeyOdd for an odd public half."""
    token = new_data_key()
    sealed = seal_for(public, token, CONTEXT)
    try:
        return open_with(Pair(secret, public), sealed, CONTEXT) == token
    except (WrapBroken, KeyOdd):
        return False


def pair_of(shares: Sequence[ReadShare], public: bytes) -> Pair:
    """Raises ShareOdd; KeyOdd where they are shares of another key than this."""
    secret = joined(shares)
    if not opens(secret, public):
        raise KeyOdd("These shares make a key, but not the one of this public half. Compare the key's name on the sheets.")
    return Pair(secret, public)
