"""Style sheets: every rule is in a layer, tokens.css names the layers in their order, and focus and edges are seen on every ground."""

import re
from pathlib import Path

import pytest

SHEETS = Path(__file__).parents[2] / "src/homeroom/portal/static/css"
GROUNDS = ("ground", "surface", "sunk", "marker-tint", "brick-tint", "amber-tint", "slate-tint", "leaf-tint")
LEAST = 3  # WCAG 1.4.11: the edge of a control and the sign of focus, against what is next to them


def test_every_layer_has_its_place() -> None:
    (order,) = re.findall(r"^@layer (.+);$", (SHEETS / "tokens.css").read_text(), re.M)
    layers = [re.findall(r"^@layer (\w+) \{$", sheet.read_text(), re.M) for sheet in SHEETS.glob("*.css")]
    assert sorted(order.split(", ")) == sorted(name for of_sheet in layers for name in of_sheet)
    assert all(layers)


Color = tuple[float, ...]  # red, green and blue, 0 to 1


def color(digits: str) -> Color:
    return tuple(int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))


def colors(scheme: str) -> dict[str, Color]:
    """Returns the colors of tokens.css in this scheme."""
    light, dark = (SHEETS / "tokens.css").read_text().partition("@media print")[0].split("@media (prefers-color-scheme: dark)")
    return {name: color(digits) for name, digits in re.findall(r"--([\w-]+): #([0-9a-f]{6});", light + (dark if scheme == "dark" else ""))}


def contrast(one: Color, other: Color) -> float:
    """Returns WCAG's contrast ratio."""
    linear = [[part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in each] for each in (one, other)]
    less, more = sorted(0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in linear)
    return (more + 0.05) / (less + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_and_the_edge_of_a_control_are_seen_on_every_ground(scheme: str) -> None:
    """axe reads the contrast of text alone."""
    have = colors(scheme)
    [on_bar] = re.findall(r"\.bar :focus-visible \{ outline-color: #([0-9a-f]{6});", (SHEETS / "bar.css").read_text())
    pairs = {(front, ground): contrast(have[front], have[ground]) for front in ("focus", "edge") for ground in GROUNDS}
    pairs |= {("focus", ground): contrast(color(on_bar), have[ground]) for ground in ("chalk", "chalk-2")}
    assert {pair: round(found, 2) for pair, found in pairs.items() if found < LEAST} == {}
    assert contrast(color("ffffff"), color("000000")) == 21 and contrast(color("777777"), color("ffffff")) < 4.5
