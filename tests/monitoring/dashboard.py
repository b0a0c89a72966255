#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Complains about a Grafana dashboard: what every panel must have, and that none lies over another.

usage: dashboard.py FILE             complaints to stdout
       dashboard.py --rules FILE     its queries as recording rules, so that promtool can read them
       dashboard.py --queries FILE   one query a line, with variables filled in
"""
import json
import re
import sys

FILLED = {"$__rate_interval": "5m", "$job": ".*", "$instance": ".*"}
KINDS = {"row", "stat", "timeseries"}


def queries(dashboard):
    """(where, expression) of all queries."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            yield annotation["name"], annotation["expr"]


def filled(expression):
    for name, value in FILLED.items():
        expression = expression.replace(name, value)
    return expression


def area(panel):
    pos = panel["gridPos"]
    return pos["x"], pos["y"], pos["x"] + pos["w"], pos["y"] + pos["h"]


def overlap(a, b):
    (ax, ay, ar, ab), (bx, by, br, bb) = area(a), area(b)
    return ax < br and bx < ar and ay < bb and by < ab


def panel_complaints(panel):
    where = panel.get("title") or f'panel {panel.get("id")}'
    if panel["type"] not in KINDS:
        yield f'{where}: type {panel["type"]}'
    if area(panel)[2] > 24:
        yield f"{where}: wider than the page"
    if panel["type"] == "row":
        return
    if not panel.get("description", "").strip():
        yield f"{where}: has no description"
    if panel["datasource"]["uid"] != "${datasource}":
        yield f"{where}: has a datasource of its own"
    if not panel["fieldConfig"]["defaults"].get("unit"):
        yield f"{where}: has no unit"
    refs = [target["refId"] for target in panel["targets"]]
    if not refs or len(set(refs)) != len(refs):
        yield f"{where}: has no queries, or two of one name"
    for target in panel["targets"]:
        if target["datasource"]["uid"] != "${datasource}":
            yield f"{where}: a query has a datasource of its own"


def complaints(dashboard):
    for key in ("title", "uid", "schemaVersion", "panels", "templating", "time", "annotations"):
        if not dashboard.get(key):
            yield f"no {key}"
    if dashboard.get("id") is not None:
        yield "an id is what Grafana gives"
    variables = {v["name"]: v for v in dashboard["templating"]["list"]}
    if variables.get("datasource", {}).get("type") != "datasource":
        yield "no variable for the datasource"
    panels = dashboard["panels"]
    if len({p["id"] for p in panels}) != len(panels):
        yield "two panels have one id"
    for i, panel in enumerate(panels):
        yield from panel_complaints(panel)
        for other in panels[i + 1:]:
            if overlap(panel, other):
                yield f'{panel["title"]} and {other["title"]} lie over each other'
    for where, expression in queries(dashboard):
        if 'job=~"$job",instance=~"$instance"' not in expression:
            yield f"{where}: a query that does not ask for the chosen machine"
        for name in re.findall(r"\$(\w+)", expression):
            if "$" + name not in FILLED:
                yield f"{where}: ${name} is no variable"


def main():
    mode, file = sys.argv[1:] if len(sys.argv) == 3 else (None, sys.argv[1])
    with open(file, encoding="utf-8") as stream:
        dashboard = json.load(stream)
    if mode == "--rules":
        rules = [{"record": f"panel:{i}", "expr": filled(e)} for i, (_, e) in enumerate(queries(dashboard))]
        print(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    elif mode == "--queries":
        for _, expression in queries(dashboard):
            print(filled(expression))
    else:
        for complaint in complaints(dashboard):
            print(complaint)


main()
