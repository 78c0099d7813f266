# cost.py: what a month costs, from the users that one instance holds and the cold start that was measured.
# SPDX-License-Identifier: Apache-2.0

import math
import statistics

TITLE = "Total cost of a month"
HOURS = 730              # of a month
# name: (default, unit, what it is)
INPUTS = {
    "users": (1000, "", "users to be held at once"),
    "instance_cost": (0.20, "$ an hour", "what an instance with 16 GB costs"),
    "support_cost": (500, "$ a month", "what support costs, whoever is supported"),
    "visits": (100_000, "a month", "visits that meet a cold start"),
    "visit_value": (0.05, "$", "what a visitor who stays brings"),
    "bounce": (0.07, "a second", "the part of the visitors that leaves for each second until the first token"),
}
METHOD = ("*instances × their cost + support − revenue from reduced bounce*, as the published comparison counts it. Instances: the users to be held, divided by those that 16 GB held with 99 of 100 waits "
          "below 2 s. Revenue from reduced bounce: visits × what one brings × the part that leaves for each second × the seconds by which the first token comes before the slowest system's. "
          "The inputs are assumptions, each a flag of `easel bench --report FOLDER`: ")


def rows(results, names, inputs):
    """[{contestant, task, held, instances, hardware, bounce, total}] of those whose users and cold start were measured; money in $ a month."""
    first = {name: statistics.median(v) / 1000 for name in names if (v := results.values("cold", name, "first"))}
    out = []
    for task in ("echo", "ask"):
        held = {name: v[-1] for name in first if (v := results.values("users", name, "held_16gb", task=task)) and v[-1] >= 1}
        slowest = max((first[name] for name in held), default=0)
        for name, people in held.items():
            instances = math.ceil(inputs["users"] / people)
            hardware = instances * inputs["instance_cost"] * HOURS
            bounce = inputs["visits"] * inputs["visit_value"] * min(1, inputs["bounce"] * (slowest - first[name]))
            out.append({"contestant": name, "task": task, "held": people, "instances": instances, "hardware": hardware, "bounce": bounce,
                        "total": hardware + inputs["support_cost"] - bounce})
    return out
