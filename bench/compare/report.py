# report.py: what the samples of a run come to: summary.json, samples.csv, pictures, report.md and report.html.
# SPDX-License-Identifier: Apache-2.0

import base64
import csv
import html
import importlib
import json
import os
import pathlib
import platform
import re
import statistics

import beside  # noqa: F401
import cost
import regress
import stats
from programs import ROOT, commit, machine
from store import Samples, about_of, whole_lines

MEASURES = ("cold", "warm", "rerun", "users", "streams", "api", "memory", "size")
OURS, PUBLISHED = "easel", ("easel", "streamlit", "gradio")


def read(path, otherwise="?"):
    try:
        return pathlib.Path(path).read_text().strip()
    except OSError:
        return otherwise


def hardware():
    """What the numbers depend on: CPU, governor, memory, kernel, load, commit."""
    return {**machine(), "cores": len(os.sched_getaffinity(0)), "governor": read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "not told by this machine"),
            "system": read("/etc/debian_version"), "python": platform.python_version(), "commit": commit()}


class Run:
    """A run as it lies in its folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.plan = json.loads((self.folder / "run.json").read_text())
        self.results = Samples(whole_lines(self.folder))
        self.measures = [m for m in MEASURES if self.results.contestants(m)]

    def title(self, name):
        return self.plan["titles"].get(name, name)

    def module(self, measure):
        return importlib.import_module(measure)

    def kinds(self, measure):
        """The different settings in which a measure was taken, such as users=10, in the order of their coming."""
        out = []
        for r in self.results.samples:
            if r["measure"] == measure:
                about = about_of(r)
                if about not in out:
                    out.append(about)
        return sorted(out, key=lambda a: [(str(type(v)), v) for v in a.values()])


def rows_of(run, measure):
    """One row for each value, setting and contestant that has samples, with its figures."""
    module = run.module(measure)
    for name, (label, unit, _) in module.VALUES.items():
        for about in run.kinds(measure):
            for contestant in run.results.contestants(measure):
                values = run.results.values(measure, contestant, name, **about)
                if values:
                    yield {"measure": measure, "value": name, "label": label, "unit": unit, "contestant": contestant, **about, "samples": values}


def ours_beside(rows, row):
    """The row of ours that this one is compared with."""
    key = {k: v for k, v in row.items() if k not in ("contestant", "samples")}
    return next((r for r in rows if r["contestant"] == OURS and all(r.get(k) == v for k, v in key.items())), None)


def summarise(run, inputs):
    """summary.json: the published script's shape at the top, everything else under measures."""
    out = {}
    cold = {c: run.results.values("cold", c, "first") for c in run.results.contestants("cold")} if "cold" in run.measures else {}
    for name in PUBLISHED:
        if cold.get(name):
            out[name] = {**stats.summary(cold[name]), "hardware": run.plan["hardware"]}
    for name in PUBLISHED[1:]:
        if name in out and OURS in out:
            out[name]["improvement_percent"] = stats.improvement(out[name]["median_latency"], out[OURS]["median_latency"])
            out[name]["ratio_interval_95"] = stats.ratio_interval(cold[name], cold[OURS])
    if OURS in out:
        out["improvement_percent"] = {name: out[name]["improvement_percent"] for name in PUBLISHED[1:] if name in out}
    out["run"] = {k: run.plan[k] for k in ("began", "resumed", "settings", "hardware", "versions", "configured") if k in run.plan}
    out["measures"] = {}
    for measure in run.measures:
        rows = list(rows_of(run, measure))
        listed = out["measures"][measure] = []
        for row in rows:
            entry = {k: v for k, v in row.items() if k not in ("samples", "measure")} | stats.summary(row["samples"], resamples=500, trim=getattr(run.module(measure), "TRIMMED", True))
            ours = ours_beside(rows, row)
            if ours and row["contestant"] != OURS and statistics.median(ours["samples"]):
                entry["ratio_to_easel"] = statistics.median(row["samples"]) / statistics.median(ours["samples"])
            listed.append(entry)
    out["cost"] = {"inputs": inputs, "rows": cost.rows(run.results, run.plan["titles"], inputs)}
    out["failures"] = run.results.failures
    return out


def write_csv(run):
    """samples.csv: one line for each number. That of a run that was packed is there, compressed."""
    if (run.folder / "samples.csv.gz").exists():
        return
    with (run.folder / "samples.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["measure", "contestant", "turn", "about", "value", "number", "at"])
        for r in run.results.samples:
            about = " ".join(f"{k}={v}" for k, v in about_of(r).items())
            for name, value in r["values"].items():
                for number in value if isinstance(value, list) else [value]:
                    out.writerow([r["measure"], r["contestant"], r["turn"], about, name, number, r["at"]])


# ---- pictures ----

# One colour for each contestant wherever it is drawn, told apart by people who see colours differently, too (Okabe and Ito 2008).
COLOURS = {"easel": "#0072b2", "easel_events": "#56b4e9", "streamlit": "#d55e00", "streamlit_published": "#e69f00", "gradio": "#cc79a7", "nicegui": "#009e73", "dash": "#777777", "llama_server": "#f0e442"}


def pictures(run):
    """{name: title} of the pictures that the samples give; each is an SVG in the run's folder."""
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as plot
    plot.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "easel", "font.family": "sans-serif", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False}
    out = {}

    def save(figure, name, title):
        figure.savefig(run.folder / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")
        plot.close(figure)
        out[name] = title

    if "cold" in run.measures:
        drawn = [(c, run.results.values("cold", c, "first")) for c in run.results.contestants("cold")]
        drawn = [(c, v) for c, v in drawn if v]
        if drawn:
            figure, axes = plot.subplots(figsize=(8, 3.6))
            for c, values in drawn:
                axes.ecdf(values, label=run.title(c), color=COLOURS.get(c, "#222222"))
            axes.set(xlabel="ms from launch to the first token seen", ylabel="part of the runs", xscale="log")
            axes.legend(frameon=False)
            save(figure, "cold-ecdf", "Cold start: the part of all runs that was over after so many milliseconds")
            figure, axes = plot.subplots(figsize=(8, 0.6 + 0.5 * len(drawn)))
            boxes = axes.boxplot([v for _, v in drawn], orientation="horizontal", tick_labels=[run.title(c) for c, _ in drawn], whis=(5, 95), patch_artist=True, medianprops={"color": "black"})
            for box, (c, _) in zip(boxes["boxes"], drawn):
                box.set_facecolor(COLOURS.get(c, "#bbbbbb"))
            axes.set(xlabel="ms; box: the middle half, whiskers: 5 % to 95 %")
            axes.invert_yaxis()
            save(figure, "cold-box", "Cold start: spread")
    for measure in run.measures:
        module = run.module(measure)
        for name, value, axis, title in getattr(module, "LINES", ()):
            lines = lines_of(run, measure, value, axis)
            if not lines:
                continue
            figure, axes = plot.subplots(figsize=(8, 3.6))
            for c, points in lines.items():
                axes.plot(*zip(*points), marker="o", label=run.title(c), color=COLOURS.get(c, "#222222"))
            axes.set(xlabel=axis, ylabel=f"{module.VALUES[value][0]}, {module.VALUES[value][1]}", yscale="log")
            axes.legend(frameon=False)
            save(figure, name, title)
    return out


def lines_of(run, measure, value, axis):
    lines = {}
    for row in rows_of(run, measure):
        if row["value"] == value and axis in row:
            lines.setdefault(row["contestant"], []).append((row[axis], statistics.median(row["samples"])))
    return {c: sorted(points) for c, points in lines.items()}


# ---- text ----

def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(str(c) for c in row) + " |" for row in rows), ""]


def named(module, e):
    """What a row is called, with its setting."""
    about = ", ".join(str(e[k]) if isinstance(e[k], str) else f"{e[k]} {k}" for k in e if k in getattr(module, "ABOUT", ()))
    return e["label"] + (f", {about}" if about else "")


def measure_text(run, measure, summary):
    module = run.module(measure)
    out = [f"## {module.TITLE}", "", module.METHOD, ""]
    out += [f"- *{label}*: {meaning}." for label, _, meaning in module.VALUES.values()] + [""]
    listed = summary["measures"][measure]
    if listed:
        rows = []
        for e in listed:
            rows.append([named(module, e), run.title(e["contestant"]), f"{number(e['median_latency'])} {e['unit']}",
                         f"{number(e['median_interval_95'][0])} to {number(e['median_interval_95'][1])}" if e["sample_size"] > 2 else "", number(e["p95_latency"]), number(e["p99_latency"]),
                         e["sample_size"], f"{e['ratio_to_easel']:.2f} ×" if "ratio_to_easel" in e else ""])
        out += table(["what", "who", "median", "95 % interval", "p95", "p99", "n", "of Easel's"], rows)
    out += getattr(module, "extra_text", lambda _: [])(run)
    failed = [f for f in run.results.failures if f["measure"] == measure]
    if failed:
        out += ["What failed:", ""]
        seen = {}
        for f in failed:
            seen.setdefault((f["contestant"], f["failed"]), []).append(f)
        out += [f"- {run.title(c)}, {len(fs)} of its turns: {why}" + (f" ([log]({fs[0]['log']}))" if fs[0]["log"] else "") for (c, why), fs in seen.items()] + [""]
    return out


def money(value):
    return f"{'−' if round(value) < 0 else ''}${abs(round(value)):,}"


def cost_text(run, summary):
    rows, inputs = summary["cost"]["rows"], summary["cost"]["inputs"]
    if not rows:
        return []
    said = ", ".join(f"{what} {inputs[name]:,g}{' ' + unit if unit else ''} (`--{name.replace('_', '-')}`)" for name, (_, unit, what) in cost.INPUTS.items())
    return [f"## {cost.TITLE}", "", cost.METHOD + said + ".", ""] + table(
        ["who", "users are", "held by 16 GB", "instances", "instances cost", "revenue from reduced bounce", "total"],
        [[run.title(r["contestant"]), {"echo": "entering words", "ask": "asking the model"}[r["task"]], number(r["held"]), r["instances"], money(r["hardware"]), money(r["bounce"]), money(r["total"])]
         for r in rows])


def threads(plan):
    count = plan["settings"]["threads"]
    return "one thread computes" if count == 1 else f"{count} threads compute"


def since(run, at):
    """Which rows hold samples that were taken after this moment."""
    of = {}
    for row in run.results.samples:
        if row["at"] > at:
            of.setdefault(run.module(row["measure"]).TITLE, {})[run.title(row["contestant"])] = True
    return "; ".join(f"*{title}* has samples taken since, of {', '.join(who)}" for title, who in of.items()) or "no sample was taken since"


def markdown(run, summary, drawn):
    h, plan = run.plan["hardware"], run.plan
    out = ["# Easel beside its peers", "",
           f"Begun {plan['began'][:16].replace('T', ' ')} UTC on {h['cpu']}, {h['cores']} cores, {h['memory_gb']} GB, Linux {h['kernel']}, governor: {h['governor']}, load at the start {h['load_1min']:.1f}; "
           f"commit {h['commit']}, {plan.get('browser', 'Chromium')}. In every contestant {threads(plan)} the model {plan['settings']['model']}. The file cache is warm.", ""]
    for went_on in plan.get("resumed", []):
        out += [f"It went on {went_on['at'][:16].replace('T', ' ')} UTC with commit {went_on['commit']}: {since(run, went_on['at'])}.", ""]
    out += table(["who", "version", "configured"], [[run.title(c), v, plan["configured"].get(c, "")] for c, v in plan["versions"].items()])
    worse = better_elsewhere(run, summary)
    out += ["## Where they are better", ""] + (worse or ["Nowhere in what was measured here."]) + [""]
    for measure in run.measures:
        out += measure_text(run, measure, summary)
        out += [line for name, title in drawn.items() if name.startswith(measure) for line in (f"![{title}]({name}.svg)", "")]
    out += cost_text(run, summary)
    return "\n".join(out).rstrip() + "\n"


def better_elsewhere(run, summary):
    """Each row in which somebody else's median is better than ours; the bare programs are floors and not peers."""
    out = []
    for measure, listed in summary["measures"].items():
        module = run.module(measure)
        more = getattr(module, "MORE_IS_BETTER", ())
        for e in listed:
            ratio = e.get("ratio_to_easel")
            if ratio is None or run.plan["systems"].get(e["contestant"]) in ("bare", "easel"):
                continue
            if ratio > 1 if e["value"] in more else ratio < 1:
                out.append(f"- {run.title(e['contestant'])}: {named(module, e)}: {number(e['median_latency'])} {e['unit']}, {ratio:.2f} × ours")
    return out


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Easel beside its peers</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; display: block; overflow-x: auto; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .75rem; text-align: left; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
img { max-width: 100%; background: white; border-radius: 6px; padding: .5rem; box-sizing: border-box }
code { font-family: ui-monospace, monospace }
</style></head><body><main>
"""


def inline(text):
    text = html.escape(text, quote=False)
    text = re.sub(r"\[([^\]]*)\]\(([^)]*)\)", r'<a href="\2">\1</a>', text)
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", re.sub(r"\*([^*]+)\*", r"<em>\1</em>", text))


def page(folder, text):
    """report.html: the Markdown that this file writes, with its pictures inside."""
    out, rows = [PAGE], []

    def end_table():
        if rows:
            head, body = rows[0], rows[2:]
            out.append("<table><thead><tr>" + "".join(f'<th scope="col">{inline(c)}</th>' for c in head) + "</tr></thead><tbody>")
            out.extend("<tr>" + "".join(f"<td>{inline(c)}</td>" for c in row) + "</tr>" for row in body)
            out.append("</tbody></table>")
            rows.clear()

    for line in text.splitlines():
        if line.startswith("|"):
            rows.append([c.strip() for c in line.strip("|").split("|")])
            continue
        end_table()
        picture = re.fullmatch(r"!\[(.*)\]\((.*)\)", line)
        heading = re.match(r"(#+) (.*)", line)
        if picture:
            data = base64.b64encode((folder / picture.group(2)).read_bytes()).decode()
            out.append(f'<p><img alt="{html.escape(picture.group(1))}" src="data:image/svg+xml;base64,{data}"></p>')
        elif heading:
            level = len(heading.group(1))
            out.append(f"<h{level}>{inline(heading.group(2))}</h{level}>")
        elif line.startswith("- "):
            out.append(f"<ul><li>{inline(line[2:])}</li></ul>")
        elif line:
            out.append(f"<p>{inline(line)}</p>")
    end_table()
    return "\n".join(out).replace("</ul>\n<ul>", "\n") + "\n</main></body></html>\n"


def against(folder, kept):
    """Prints how our rows stand to those of a run that was kept; 1 when one is worse."""
    now, then = Run(folder), Run(kept)
    rows = [[row for measure in run.measures for row in rows_of(run, measure)] for run in (now, then)]
    told = regress.compare(*rows, OURS, lambda measure: getattr(now.module(measure), "MORE_IS_BETTER", ()))
    for row, times, (low, high), worse in told:
        about = " ".join(f"{k} {v}" for k, v in row.items() if k not in ("measure", "value", "label", "unit", "contestant", "samples"))
        print(f"{'WORSE ' if worse else 'ok    '}{row['measure']}: {row['label']} {about}: {times:.2f} × of before ({low:.2f} to {high:.2f})")
    bad = sum(worse for *_, worse in told)
    print(f"{len(told)} rows beside {kept}, {bad} worse by more than {(regress.LIMIT - 1) * 100:.0f} %" if told else f"no row of {folder} can be compared with {kept}")
    return 1 if bad or not told else 0


# What README shows of a run: (words, measure, value, setting).
README_ROWS = (
    ("process start to the first token seen in Chromium", "cold", "first", {}),
    ("the same, to the end of the log line that the published script measured", "cold", "log", {}),
    ("chat page, loaded to usable with an empty cache", "warm", "load", {"page": "chat page"}),
    ("its bytes", "warm", "bytes", {"page": "chat page"}),
    ("click to changed page, 10 elements", "rerun", "click", {"elements": 10, "users": 1}),
    ("the same among 100 users", "rerun", "click", {"elements": 10, "users": 100}),
    ("100 users enter words: wait, 99 of 100 below", "users", "latency", {"task": "echo", "users": 100}),
    ("users held with 99 of 100 waits below 2 s", "users", "held", {"task": "echo"}),
    ("people who ask the model at once, held likewise", "users", "held", {"task": "ask"}),
    ("calls of a function answered in a second, by Gradio's protocol", "api", "throughput", {"call": "echo, as fast as they come"}),
    ("memory (RSS) of the chat with 10 sessions", "memory", "rss", {"program": "chat", "sessions": 10}),
    ("memory (RSS) of the small page with 100 sessions", "memory", "rss", {"program": "page", "sessions": 100}),
    ("installed, without the model and its library", "size", "installed", {}),
)


def version(run, contestant):
    """The number alone: "easel 0.1.0", "6.31.0 on llama-cpp-python 0.3.36"."""
    found = re.search(r"\d[\w.]*", run.plan["versions"].get(contestant, ""))
    return found.group() if found else ""


def readme(folder, path=ROOT / "README.md"):
    """Writes the table between the marks of README anew."""
    run = Run(folder)
    shown = [c for c in PUBLISHED if c in run.plan["titles"]]
    out = [f"From [{run.folder.name}]({os.path.relpath(run.folder.resolve(), path.parent)}/report.md), written by `easel bench --readme`: medians; "
           f"{run.plan['hardware']['cores']} cores of {run.plan['hardware']['cpu']}, {threads(run.plan)} the model {run.plan['settings']['model']}.", "",
           "| what | " + " | ".join(f"{run.title(c)} {version(run, c)}".strip() for c in shown) + " |", "|" + "---|" * (len(shown) + 1)]
    for words, measure, value, about in README_ROWS:
        if measure not in run.measures:
            continue
        unit, cells = run.module(measure).VALUES[value][1], []
        for c in shown:
            values = run.results.values(measure, c, value, **about)
            at = stats.quantile(values, 0.99) if values and "99 of 100 below" in words else statistics.median(values) if values else None
            cells.append(f"{number(at)} {unit}".strip() if values else "")
        if any(cells):
            out.append(f"| {words} | " + " | ".join(cells) + " |")
    text = path.read_text()
    before, begin, rest = text.partition("<!-- compared -->\n")
    _, end, after = rest.partition("<!-- /compared -->")
    if not begin or not end:
        raise SystemExit(f"{path} has no marks <!-- compared --> and <!-- /compared -->, between which the table goes")
    path.write_text(before + begin + "\n".join(out) + "\n" + end + after)
    return 0


def write(folder, inputs=None):
    """All files of the report; `inputs` of the cost that differ from those of the run."""
    run = Run(folder)
    given = run.plan.get("options", {}) | {k: v for k, v in (inputs or {}).items() if v is not None}
    summary = summarise(run, {name: given.get(name) if given.get(name) is not None else default for name, (default, _, _) in cost.INPUTS.items()})
    (run.folder / "summary.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
    write_csv(run)
    text = markdown(run, summary, pictures(run))
    (run.folder / "report.md").write_text(text)
    (run.folder / "report.html").write_text(page(run.folder, text))
    return 0
