# SPDX-License-Identifier: MIT
"""Prints the circles of calls between source files, one per line, from the object files of a build."""
import pathlib
import subprocess
import sys


def objects(build):
    """{source file: object file} of the folders of src/."""
    found = {}
    for path in pathlib.Path(build).glob("CMakeFiles/*.dir/src/**/*.o"):
        source = str(path).split(".dir/", 1)[1].removesuffix(".o")
        found[source] = path
    return found


def symbols(path):
    """What an object defines for others, and what it needs of others."""
    defined, needed = set(), set()
    for line in subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout.splitlines():
        *_, kind, name = line.split()
        if kind == "U":
            needed.add(name)
        elif kind in "TDBR":
            defined.add(name)
    return defined, needed


def graph(build):
    files = {source: symbols(path) for source, path in objects(build).items()}
    owner = {}
    for source, (defined, _) in files.items():
        for name in defined:
            # Two programs may each have a function of one name; the sandbox is never called by the daemon.
            owner.setdefault((name, source.startswith("src/sandbox/")), source)
    edges = {}
    for source, (_, needed) in files.items():
        sandbox = source.startswith("src/sandbox/")
        owners = {owner.get((name, sandbox)) or owner.get((name, False)) for name in needed}
        edges[source] = owners - {None, source}
    return edges


def circles(edges):
    """The strongly connected components of more than one file (Tarjan, without recursion)."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []
    for root in sorted(edges):
        if root in index:
            continue
        work = [(root, iter(sorted(edges[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, following = work[-1]
            for other in following:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(edges[other]))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    members = []
                    while True:
                        other = stack.pop()
                        on_stack.discard(other)
                        members.append(other)
                        if other == node:
                            break
                    if len(members) > 1:
                        found.append(sorted(members))
    return found


for members in circles(graph(sys.argv[1])):
    print(" ".join(members))
