# report.py: rows, and what becomes of them: a table, JSON, docs/measured.md.
# SPDX-License-Identifier: Apache-2.0

import json
import statistics


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))]


def middle(values):
    return statistics.median(values)


class Report:
    """What was measured so far. A row compares a median with a baseline of the same run and with the budget of the design."""

    def __init__(self):
        self.rows, self.missing = [], []

    def row(self, group, name, unit, values, base=None, base_name="", limit=None, limit_ratio=None, note=""):
        """values: what was measured, at least one. base: the baseline's values in the same run. limit: a budget in the row's unit, limit_ratio: one
        as a multiple of the baseline."""
        value = middle(values)
        row = {"group": group, "name": name, "unit": unit, "value": value, "runs": len(values), "low": min(values), "p90": quantile(values, 0.9), "note": note}
        if base:
            row |= {"base": middle(base), "base_name": base_name, "base_runs": len(base), "ratio": value / middle(base) if middle(base) else None}
        if limit is not None:
            row |= {"budget": f"{limit:g} {unit}", "met": value <= limit}
        elif limit_ratio is not None and base:
            row |= {"budget": f"{limit_ratio:g} × baseline", "met": row["ratio"] <= limit_ratio}
        self.rows.append(row)
        print(self.line(row), flush=True)
        return row

    def lacks(self, group, why):
        self.missing.append({"group": group, "why": str(why)})
        print(f"  {group}: not measured: {why}", flush=True)

    @staticmethod
    def number(value):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"

    def cells(self, row):
        number = self.number
        base = f"{number(row['base'])} ({row['base_name']})" if "base" in row else ""
        ratio = f"{row['ratio']:.2f} ×" if row.get("ratio") is not None else ""
        verdict = "" if "met" not in row else "met" if row["met"] else "NOT met"
        return [row["name"], f"{number(row['value'])} {row['unit']}", f"{number(row['p90'])}" if row["runs"] > 1 else "", base, ratio, row.get("budget", ""), verdict]

    def line(self, row):
        name, value, p90, base, ratio, budget, verdict = self.cells(row)
        return f"  {name:<58} {value:>14} {('p90 ' + p90) if p90 else '':<14} {base:<38} {ratio:>8}  {budget:<16} {verdict}{'  ' + row['note'] if row['note'] else ''}"

    def save(self, path, about):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**about, "rows": self.rows, "missing": self.missing}, indent=1, ensure_ascii=False) + "\n")

    def markdown(self, about, groups):
        machine = about["machine"]
        out = ["# Measured", "",
               "Made by `make bench ARGS=--write`. Medians; the baseline of a row is taken in the same run on the same machine, turn and turn about, so read the ratios. "
               "Budgets are those of the design.", "",
               f"Machine: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, Linux {machine['kernel']}; {about['browser']}; commit {about['commit']}, {about['date']}.", ""]
        for group, (title, method) in groups.items():
            rows = [r for r in self.rows if r["group"] == group]
            lacking = [m for m in self.missing if m["group"] == group]
            if not rows and not lacking:
                continue
            out += [f"## {title}", "", method, ""]
            if rows:
                out += ["| what | median | 90 % below | baseline | ratio | budget | |", "|---|---|---|---|---|---|---|"]
                out += ["| " + " | ".join(self.cells(r)) + (f" {r['note']}" if r["note"] else "") + " |" for r in rows] + [""]
            out += [f"Not measured: {m['why']}." for m in lacking] + ([""] if lacking else [])
        return "\n".join(out).rstrip() + "\n"
