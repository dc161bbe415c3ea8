"""Runs the Python ports of the default image's benchmark programs and reports as its harness does with --json: a line of
JSON for each iteration, after those that warm up.

    python3 run.py [NAME …] [--warmup N] [--iterations N] [--inner N] [--small] [--list]
"""
import argparse
import json
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "python"))

import deltablue  # noqa: E402
import floats  # noqa: E402
import havlak  # noqa: E402
import json_library  # noqa: E402
import richards  # noqa: E402
import small  # noqa: E402

MODULES = (deltablue, floats, havlak, json_library, richards, small)
PROGRAMS = {each.name.lower(): each for module in MODULES for each in module.PROGRAMS}


def measure(program, options):
    """Runs it as the options say; answers whether every answer was right."""
    inner = options.inner or (program.small_inner if options.small else program.default_inner)
    for _ in range(options.warmup):
        program.run(inner)
    all_right = True
    for iteration in range(1, options.iterations + 1):
        start = time.perf_counter()
        answer = program.run(inner)
        microseconds = round((time.perf_counter() - start) * 1e6)
        right = program.is_right(answer, inner)
        all_right = all_right and right
        line = {"name": program.name, "iteration": iteration, "inner": inner, "microseconds": microseconds,
                "answer": str(answer), "ok": right}
        print(json.dumps(line), flush=True)
    return all_right


def main():
    parser = argparse.ArgumentParser(description="benchmark programs in Python")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--warmup", type=int, default=0)
    parser.add_argument("--iterations", type=int, default=1)
    parser.add_argument("--inner", type=int)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    unknown = [name for name in options.names if name.lower() not in PROGRAMS]
    if unknown:
        parser.error("no benchmark " + ", ".join(unknown))
    chosen = [PROGRAMS[name.lower()] for name in options.names or sorted(PROGRAMS)]
    if options.list:
        for each in chosen:
            print(each.name, each.default_inner)
        return 0
    results = [measure(each, options) for each in chosen]
    return 0 if all(results) else 1


sys.exit(main())
