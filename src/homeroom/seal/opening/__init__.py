"""Opens one sealed file with three processes. `peel` has the key and removes the encryption. `verify` has no key and reads the content. This one does neither
and judges. Only the opener and a restore import it.
"""

from homeroom.seal.broken import Inside, SealBroken
from homeroom.seal.opening.judge import Opened
from homeroom.seal.opening.run import open_sealed
from homeroom.seal.opening.stage import OpeningInterrupted

__all__ = ["Inside", "Opened", "OpeningInterrupted", "SealBroken", "open_sealed"]
