"""The commands of README and docs, for journeys and tests that run them as written."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[4]  # of the checkout
BLOCK = re.compile(r"(?:^    \S.*\n)(?:^    .*\n|^\n(?=    ))*", re.MULTILINE)


def blocks(page: str) -> list[str]:
    """The indented blocks of a page of the checkout, without the indent."""
    return [re.sub(r"^    ", "", found[0], flags=re.MULTILINE) for found in BLOCK.finditer((ROOT / page).read_text())]


def replaced(block: str, *pairs: tuple[str, str]) -> str:
    """What a reader fills in. Raises ValueError if the block has no such placeholder."""
    for placeholder, value in pairs:
        if placeholder not in block:
            raise ValueError(f"{placeholder} is not in: {block}")
        block = block.replace(placeholder, value)
    return block
