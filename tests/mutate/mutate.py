# SPDX-License-Identifier: MIT
"""Makes mutants of the C code, builds each, and runs the tests against it. See scripts/mutate."""
import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build-mutate"
TREE = WORK / "tree"
BUILD = TREE / "build"
EXPLAINED = ROOT / "tests/mutate/explained"
WANTED_SHARE = 0.9
TEST_SECONDS = 900

# Comments, strings, characters and preprocessor lines have nothing to mutate.
SKIPPED = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^[ \t]*#(?:\\\n|[^\n])*', re.S | re.M)
# "<" and ">" have spaces around them where they compare: clang-format sees to it.
OPERATOR = re.compile(r"==|!=|(?<= )<=(?= )|(?<= )>=(?= )|(?<= )<(?= )|(?<= )>(?= )|&&|\|\||(?<= )[+-] 1\b(?![.\d])|\btrue\b|\bfalse\b")
REPLACED = {
    "==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "&&": "||", "||": "&&",
    "+ 1": "+ 0", "- 1": "- 0", "true": "false", "false": "true",
}


class Mutant:
    def __init__(self, path, text, start, old):
        self.path, self.start, self.old, self.new = path, start, old, REPLACED[old]
        self.line = text.count("\n", 0, start) + 1
        self.mutated = text[:start] + self.new + text[start + len(old):]
        lines = self.mutated.split("\n")
        self.code = " ".join(lines[self.line - 1].split())

    def key(self):
        return f"{self.path}:{self.line}: {self.code}"

    # Line numbers move; the file and the changed line do not.
    def explanation_key(self):
        return f"{self.path}: {self.code}"


def mutants_of(path):
    text = (ROOT / path).read_text()
    blank = SKIPPED.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    return [Mutant(path, text, m.start(), m.group()) for m in OPERATOR.finditer(blank)]


def all_mutants(floors):
    paths = [p for floor in floors for p in sorted((ROOT / "src" / floor).rglob("*.c"))]
    return [m for p in paths for m in mutants_of(str(p.relative_to(ROOT)))]


def run(command, seconds=None, **options):
    """Runs a command in a process group of its own, so that a mutant that never ends leaves nothing."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True, **options)
    try:
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        return 124, ""


def must(command, **options):
    status, output = run(command, **options)
    if status:
        sys.exit(f"failed: {' '.join(map(str, command))}\n{output[-4000:]}")


def prepare():
    """Copies the last commit and builds it: a mutant rebuilds only its own file and links."""
    must(["rm", "-rf", TREE])
    TREE.mkdir(parents=True)
    must(["bash", "-c", f"git archive HEAD | tar -x -C '{TREE}'"], cwd=ROOT)
    # The reference data beside the project is part of some tests.
    shared = ROOT.parent / "shared"
    if shared.is_dir() and not (WORK / "shared").exists():
        (WORK / "shared").symlink_to(shared)
    must(["cmake", "-S", TREE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O1"])
    must(["ninja", "-C", BUILD])
    status, output = run(["ctest", "--test-dir", BUILD, "-j", str(os.cpu_count())])
    if status:
        sys.exit(f"the tests fail without any mutant:\n{output[-4000:]}")


def near_tests(path):
    """Tests that are named after the file or its folder: most mutants end here, within a second."""
    stem = pathlib.Path(path).stem
    words = {stem, *[w for w in stem.split("_") if len(w) > 4]}
    return "|".join(sorted(words))


def c_tests_fail(path):
    """The name of the first test that failed, or None."""
    jobs = ["-j", str(os.cpu_count())]
    for choice in (["-R", near_tests(path)], ["-L", "store"], ["-L", "unit"], ["-LE", "store|unit"]):
        status, output = run(["ctest", "--test-dir", BUILD, "--stop-on-failure", *jobs, *choice], TEST_SECONDS)
        if status == 124:
            return "no end"
        failed = re.search(r"Test +#\d+: (\S+) .*\*\*\*", output)
        if status and failed:
            return failed.group(1)
    return None


def integration_tests_fail():
    folder = TREE / "tests/integration"
    if not (folder / "node_modules").is_dir():
        must(["npm", "ci", "--ignore-scripts"], cwd=folder)
    for file in sorted(folder.glob("*.test.js")):
        status, _ = run(["node", "--test", file.name], TEST_SECONDS, cwd=folder)
        if status:
            return file.name
    return None


def judge(mutant, integration):
    """Builds a mutant and runs the tests. None if it does not build."""
    file = TREE / mutant.path
    original = (ROOT / mutant.path).read_text()
    file.write_text(mutant.mutated)
    try:
        if run(["ninja", "-C", BUILD])[0]:
            return None
        by = c_tests_fail(mutant.path)
        if not by and integration:
            by = integration_tests_fail()
        return {"mutant": mutant.key(), "explained_by": mutant.explanation_key(), "noticed_by": by}
    finally:
        file.write_text(original)


def explained():
    if not EXPLAINED.exists():
        return {}
    lines = [line.split(" -- ", 1) for line in EXPLAINED.read_text().splitlines() if line and not line.startswith("#")]
    return {line[0].strip(): line[1].strip() for line in lines if len(line) == 2}


def chosen(options):
    if options.at:
        paths = sorted({at.rsplit(":", 1)[0] for at in options.at})
        return [m for path in paths for m in mutants_of(path) if f"{m.path}:{m.line}" in options.at]
    found = all_mutants(options.floors.split(","))
    random.Random(options.seed).shuffle(found)
    return found


def report(results):
    reasons = explained()
    left = [r for r in results if not r["noticed_by"]]
    unexplained = [r for r in left if r["explained_by"] not in reasons]
    noticed = len(results) - len(left)
    share = noticed / max(1, len(results) - (len(left) - len(unexplained)))
    print(f"{len(results)} mutants: {noticed} noticed, {len(left) - len(unexplained)} change nothing, "
          f"{len(unexplained)} not noticed ({share:.1%} noticed of those that change something)")
    for result in unexplained:
        print(f"  {result['mutant']}")
    return 0 if share >= WANTED_SHARE else 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--floors", default="store,relay,notification")
    parser.add_argument("--integration", action="store_true")
    parser.add_argument("--at", action="append", default=[])
    parser.add_argument("--results", type=pathlib.Path, default=WORK / "results.jsonl")
    options = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    mutants = chosen(options)
    results = []
    if options.results.exists() and not options.at:
        results = [json.loads(line) for line in options.results.read_text().splitlines()]
    done = {r["mutant"] for r in results}
    prepare()
    started = time.monotonic()
    with options.results.open("a") as out:
        for mutant in mutants:
            if len([r for r in results if "noticed_by" in r]) >= options.count:
                break
            if mutant.key() in done:
                continue
            result = judge(mutant, options.integration)
            if not result:
                continue
            results.append(result)
            out.write(json.dumps(result) + "\n")
            out.flush()
            print(f"{len(results)} {time.monotonic() - started:.0f} s  {result['noticed_by'] or 'NOT NOTICED'}  {result['mutant']}",
                  flush=True)
    sys.exit(report(results))


main()
