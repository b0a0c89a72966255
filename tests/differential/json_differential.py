#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares Dockbell's strict JSON check with Python's and node's parsers.

What the check passes must parse in both; what both parse, nested at most 64 levels, it must pass.
Cases are written by hand, or made from them and from the golden messages by seeded mutation.
"""

import argparse
import glob
import json
import os
import random
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DEPTH_MAX = 64

NASTY = [
    "", " ", "-0", "-", "--1", "+1", "01", "-01", "00", "1.", ".1", "1.e1", "1e", "1e+", "1e999", "-1e999",
    "1E-999", "0e0", "0x1", "1_000", "1,2", "NaN", "Infinity", "-Infinity", "nan", "null", "nul", "nulll",
    "Null", "true", "false", "True", "undefined", "12345678901234567890", "0.1e1", "1" * 4300, "1" * 4301,
    "-" + "1" * 4301, "1" * 4301 + ".0", "1" * 4301 + "e0", "[]", "[", "]", "[]]", "[,]", "[1,]", "[,1]",
    "[1 2]", "[1,,2]", "[1}", "{}", "{", "{]", "{,}", '{"a"}', '{"a":}', '{"a":1,}', '{"a":1 "b":2}',
    '{"a":1,"a":2}', "{1:1}", "{a:1}", "{'a':1}", '{"a"::1}', '{"":{"":{}}}', '{"__proto__":{"x":1}}',
    '"', '""', '"a', 'a"', '"\\"', '"\\\\"', '"\\/"', '"\\a"', '"\\x41"', '"\\U0041"', '"\\u"', '"\\u004"',
    '"\\u00G1"', '"\\u0000"', '"\\ud800"', '"\\udc00"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\ud83d\\u"',
    '"\\u+041"', '"\\u 041"', '"\\u-041"', '"\t"', '"\n"', '"\r"', '"\x00"', '"\x1f"', '"\x7f"', '"\u0080"',
    '"\u2028\u2029"', '"\ufeff"', '"\uffff"', '"\U0010ffff"', "\ufeff{}", "{}\ufeff", "\u00a0{}", "\u2003[]",
    "\u2028[]", "\x0b[]", "\x0c[]", "\x00[]", "[]\x00", "// c\n{}", "{}//", "/**/{}", "#\n{}", "{}{}", "1 1",
    "'a'", "[1]x", "\u0660", "[\u0661]", "1\u0660", "truefalse", "[true,false,null]", " \t\r\n[ \t\r\n1 \t\r\n, 2 ] ",
]
NASTY += ["[" * n + "1" + "]" * n for n in (63, 64, 65, 500)]
NASTY += ['{"a":' * n + "1" + "}" * n for n in (63, 64, 65, 500)]
NASTY += ['[{"a":' * n + "1" + "}]" * n for n in (32, 33)]

NASTY_BYTES = [
    b'"' + inside + b'"'
    for inside in (
        b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc2", b"\xc2\x41", b"\xc2\x80", b"\xdf\xbf", b"\xe0\x80\x80",
        b"\xe0\x9f\xbf", b"\xe0\xa0\x80", b"\xe2\x82", b"\xed\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xee\x80\x80",
        b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x90\x80\x80", b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff", b"a\xf0\x9f\x98", b"\xc3\xa4\xc3",
    )
] + [b"\xff\xfe[\x00]\x00", b"[\x00]\x00", b"\x00[\x00]", b"\x00\x00\x00[\x00\x00\x00]", b"\xef\xbb\xbf", b"\xef\xbb\xbf[]", b"\x80"]

TOKENS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b'""', b'"a"', b"0", b"-", b"1", b".", b"e", b"E+", b"true", b"null",
    b"NaN", b" ", b"\n", b"\x00", b"\x1f", b"\xc3", b"\xa4", b"\xc3\xa4", b"\xed\xa0\x80", b"\\u00", b"\\ud800", b"\\n", b"[[]]",
    b'{"a":1}', b'"k":', b"\xef\xbb\xbf", b"1e999", b"/", b"-0", b"\xf0\x9f\x98\x80",
]


def python_parses(case):
    def refuse(name):
        raise ValueError(name)

    try:
        json.loads(case.decode("utf-8"), parse_constant=refuse)
        return True
    except (ValueError, RecursionError):
        return False


def depth(case):
    """How deeply valid JSON is nested."""
    deepest = level = 0
    inside = escaped = False
    for byte in case:
        if inside:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                inside = False
        elif byte == 0x22:
            inside = True
        elif byte in b"{[":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"}]":
            level -= 1
    return deepest


def random_value(rng, levels):
    """Valid JSON text, so that enough cases are accepted by all."""
    kind = rng.randrange(8 if levels else 6)
    space = rng.choice(["", "", "", " ", "\n", "\t "])
    if kind == 0:
        text = rng.choice(["true", "false", "null", "0", "-0", "1e5", "-12.50E-3", "9" * rng.randrange(1, 40)])
    elif kind <= 2:
        text = str(rng.randrange(-(10**rng.randrange(1, 25)), 10 ** rng.randrange(1, 25)))
    elif kind <= 5:
        points = [rng.choice([0x20, 0x41, 0x22, 0x5C, 0x0A, 0x7F, 0xE4, 0x20AC, 0xFFFF, 0x1F600, 0xD800]) for _ in range(rng.randrange(6))]
        text = json.dumps("".join(map(chr, points)), ensure_ascii=rng.random() < 0.5 or 0xD800 in points)
    elif kind == 6:
        text = "[" + ",".join(random_value(rng, levels - 1) for _ in range(rng.randrange(4))) + "]"
    else:
        members = ('"%s"%s:%s' % (rng.choice("abc"), space, random_value(rng, levels - 1)) for _ in range(rng.randrange(4)))
        text = "{" + space + ",".join(members) + "}"
    return space + text + space


def mutate(rng, case, other):
    case = bytearray(case)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(case) + 1)
        kind = rng.randrange(7)
        if kind == 0:
            case[at:at] = rng.choice(TOKENS)
        elif kind == 1:
            case[at : at + rng.choice((1, 1, 2, 8))] = b""
        elif kind == 2 and at < len(case):
            case[at] ^= 1 << rng.randrange(8)
        elif kind == 3:
            case[at : at + 1] = rng.choice(TOKENS)
        elif kind == 4:
            case = case[:at]
        elif kind == 5:
            case[at:at] = case[at : at + rng.randrange(20)]
        else:
            start = rng.randrange(len(other) + 1)
            case[at:at] = other[start : start + rng.randrange(30)]
    return bytes(case)


def make_cases(seed, count):
    rng = random.Random(seed)
    hand = [text.encode("utf-8") for text in NASTY] + NASTY_BYTES
    corpus = [case for case in hand if len(case) < 300]
    for path in sorted(glob.glob(os.path.join(HERE, "../golden/*.json")) + glob.glob(os.path.join(HERE, "../fuzz/corpus/strict/*"))):
        with open(path, "rb") as file:
            corpus.append(file.read())
    cases = hand + corpus
    while len(cases) < count:
        if rng.random() < 0.5:
            case = random_value(rng, 4).encode("utf-8")
        else:
            case = rng.choice(corpus)
        if rng.random() < 0.8:
            case = mutate(rng, case, rng.choice(corpus))
        cases.append(case)
    return cases


def verdicts(command, cases):
    packed = b"".join(struct.pack("<I", len(case)) + case for case in cases)
    done = subprocess.run(command, input=packed, stdout=subprocess.PIPE, check=True)
    marks = done.stdout.decode().strip()
    if len(marks) != len(cases):
        sys.exit("%s judged %d of %d cases" % (command[0], len(marks), len(cases)))
    return [mark == "+" for mark in marks]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", required=True, help="the program strict_cli")
    parser.add_argument("--node", default="node")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--count", type=int, default=20000)
    options = parser.parse_args()
    print("seed %d (run again with --seed %d)" % (options.seed, options.seed))

    cases = make_cases(options.seed, options.count)
    ours = verdicts([options.check], cases)
    node = verdicts([options.node, os.path.join(HERE, "reference.mjs")], cases)
    python = [python_parses(case) for case in cases]
    wrong = 0
    for case, we, they, python_too in zip(cases, ours, node, python):
        both = they and python_too
        if we and not both or both and not we and depth(case) <= DEPTH_MAX:
            wrong += 1
            if wrong <= 20:
                print("differs: we %s, node %s, python %s: %r" % (we, they, python_too, case[:300]))
    print("%d cases, %d accepted, %d differ" % (len(cases), sum(ours), wrong))
    # A run in which next to nothing is accepted, or refused, would prove nothing.
    if not 0.1 * len(cases) < sum(ours) < 0.9 * len(cases):
        sys.exit("the cases are lopsided")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
