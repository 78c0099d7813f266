# curve.py: draws memory over time as a small SVG that reads on light and dark paper.
# SPDX-License-Identifier: Apache-2.0

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 260, 52, 12, 28, 34
POINTS = 360


def nice(most):
    """A step that divides the axis into four to eight parts."""
    step = 1
    while most / step > 8:
        step *= 2 if str(step)[0] in "15" else 2.5
    return step


def thin(samples):
    """At most POINTS of them: the highest of each stretch, so that no peak is hidden."""
    size = max(1, -(-len(samples) // POINTS))
    return [max(samples[i:i + size], key=lambda s: s["rss"]) for i in range(0, len(samples), size)]


def draw(samples, start):
    samples, long = thin(samples), max(s["t"] for s in samples)
    most = max(s["rss"] for s in samples) / 1000 * 1.08
    unit, per = ("minutes", 60) if long > 180 else ("seconds", 1)
    x = lambda t: LEFT + t / long * (WIDTH - LEFT - RIGHT)  # noqa: E731
    y = lambda mb: HEIGHT - BOTTOM - mb / most * (HEIGHT - TOP - BOTTOM)  # noqa: E731
    line = lambda what: " ".join(f"{x(s['t']):.1f},{y(s[what] / 1000):.1f}" for s in samples)  # noqa: E731
    step_y, step_x = nice(most), nice(long / per)
    grid = []
    for i in range(int(most / step_y) + 1):
        at = y(i * step_y)
        grid.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/><text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{i * step_y:g}</text>')
    for i in range(int(long / per / step_x) + 1):
        grid.append(f'<text x="{x(i * step_x * per):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{i * step_x:g}</text>')
    bound = y(start["rss"] * 1.1 / 1000)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Memory over time">
<style>
text {{ font: 12px system-ui, sans-serif; fill: #57606a }}
.grid {{ stroke: #8886; stroke-width: .5 }}
polyline {{ fill: none; stroke-width: 1.5 }}
.rss {{ stroke: #0969da; fill: none }} .dirty {{ stroke: #bc4c00; fill: none }} .bound {{ stroke: #57606a; stroke-dasharray: 4 3 }}
text.rss {{ fill: #0969da; stroke: none }} text.dirty {{ fill: #bc4c00; stroke: none }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #9198a1 }} .rss {{ stroke: #58a6ff }} .dirty {{ stroke: #f0883e }} .bound {{ stroke: #9198a1 }}
text.rss {{ fill: #58a6ff }} text.dirty {{ fill: #f0883e }} }}
</style>
{chr(10).join(grid)}
<path class="bound" d="M{LEFT} {bound:.1f}H{WIDTH - RIGHT}"/>
<polyline class="rss" points="{line('rss')}"/>
<polyline class="dirty" points="{line('dirty')}"/>
<text x="{LEFT}" y="16">MB</text><text class="rss" x="{LEFT + 40}" y="16">RSS</text><text class="dirty" x="{LEFT + 80}" y="16">private dirty</text>
<text x="{LEFT + 170}" y="16">dashed: start + 10 %</text><text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{unit}</text>
</svg>
"""
