#!/usr/bin/env python3
"""Stacked bars of energy by level for every layer, from a result JSON:  picture.py result.json out.svg"""
import json
import sys
from xml.sax.saxutils import escape

COLOURS = ["#4c566a", "#5e81ac", "#88c0d0", "#a3be8c", "#d08770", "#b48ead", "#ebcb8b", "#bf616a"]
HEIGHT, BAR, GAP, LEFT, TOP = 260, 13, 3, 60, 52


def parts(layer):
    """(name, pJ) of one layer: arithmetic, then levels and networks outermost first."""
    energy = layer["energy"]
    yield "MAC", (energy["mac"] or 0) + (energy["vector"] or 0)
    for level, roles in energy["levels"].items():
        if level != "MAC":
            yield level, sum(v or 0 for v in roles.values())
    yield "array network", sum(v or 0 for roles in energy["networks"].values() for v in roles.values())
    yield "static", energy["static"] or 0


def main(source, target):
    with open(source, encoding="utf-8") as file:
        result = json.load(file)
    rows = [(layer["name"], list(parts(layer))) for layer in result["layers"]]
    names = [n for n, _ in rows[0][1] if any(dict(p).get(n, 0) > 0 for _, p in rows)]
    top = max(sum(v for _, v in p) for _, p in rows)
    width = LEFT + len(rows) * (BAR + GAP) + 20
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT + TOP + 60}" '
           'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>',
           f'<text x="{LEFT}" y="16" font-size="13">{escape(result["network"])} on {escape(result["arch"])}: energy '
           f'of each layer by level ({escape(result["solver"])})</text>']
    for i, name in enumerate(names):
        out.append(f'<rect x="{LEFT + i * 120}" y="26" width="11" height="11" fill="{COLOURS[i % 8]}"/>'
                   f'<text x="{LEFT + i * 120 + 16}" y="36">{escape(name)}</text>')
    for k in range(5):
        y = TOP + HEIGHT - HEIGHT * k / 4
        out.append(f'<line x1="{LEFT}" x2="{width - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{top * k / 4 / 1e6:.0f} uJ</text>')
    for i, (name, values) in enumerate(rows):
        x, y = LEFT + i * (BAR + GAP), TOP + HEIGHT
        for part, value in values:
            high = HEIGHT * value / top
            y -= high
            if part in names:
                out.append(f'<rect x="{x}" y="{y:.2f}" width="{BAR}" height="{high:.2f}" '
                           f'fill="{COLOURS[names.index(part) % 8]}"><title>{escape(name)} {part} {value:.4g} pJ</title></rect>')
        out.append(f'<text transform="translate({x + 10},{TOP + HEIGHT + 6}) rotate(90)" font-size="9">{escape(name)}</text>')
    out.append("</svg>")
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
