"""Style sheets: every rule is in a layer, and tokens.css names the layers in their order."""

import re
from pathlib import Path

SHEETS = Path(__file__).parents[2] / "src/homeroom/portal/static/css"


def test_every_layer_has_its_place() -> None:
    (order,) = re.findall(r"^@layer (.+);$", (SHEETS / "tokens.css").read_text(), re.M)
    layers = [re.findall(r"^@layer (\w+) \{$", sheet.read_text(), re.M) for sheet in SHEETS.glob("*.css")]
    assert sorted(order.split(", ")) == sorted(name for of_sheet in layers for name in of_sheet)
    assert all(layers)
