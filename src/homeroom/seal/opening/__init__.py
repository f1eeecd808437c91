"""Opening one sealed file. Three processes, each with one thing: `peel` has the key and takes the encryption off,
`verify` has no key and reads what was inside, this one has neither and judges. Only the opener and a restore import it.
"""

from homeroom.seal.broken import Inside, SealBroken
from homeroom.seal.opening.judge import Opened
from homeroom.seal.opening.run import open_sealed
from homeroom.seal.opening.stage import OpeningInterrupted

__all__ = ["Inside", "Opened", "OpeningInterrupted", "SealBroken", "open_sealed"]
