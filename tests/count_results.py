#!/usr/bin/env python3
"""Adds up what a ctest run did, case by case, and ends with 1 if anything failed.

    tests/count_results.py DIR...

Each DIR holds ctest.xml (ctest --output-junit) and what the GoogleTest programs wrote (GTEST_OUTPUT=xml:DIR/).
Prints each failed case with what it said, each skipped one with its reason, and last
"N passed, N failed, N skipped".
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

SHOWN_LINES_MAX = 40  # of what a failed script or a killed program said
TAP_LINES_MAX = 12  # of one case of TAP (node --test)


def message(element):
    return "" if element is None else element.get("message") or ""


def cases_of(report):
    """(name, outcome, detail) of each case of a GoogleTest program; none when it was killed while it wrote."""
    try:
        cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return
    for case in cases:
        name = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None:
            yield name, "failed", message(case.find("failure"))
        elif case.find("skipped") is not None:
            yield name, "skipped", message(case.find("skipped"))
        elif case.get("status") == "run":
            yield name, "passed", ""


def told(said):
    """What of a script's output says why it failed: the cases of TAP that are not ok, else the end."""
    shown = []
    for at, line in enumerate(said):
        if line.lstrip().startswith("not ok"):
            shown += said[at:at + TAP_LINES_MAX]
    return shown[:SHOWN_LINES_MAX] if shown else said[-SHOWN_LINES_MAX:]


def count(folder):
    for test in ElementTree.parse(folder / "ctest.xml").getroot().iter("testcase"):
        name, status = test.get("name"), test.get("status")
        cases = list(cases_of(folder / f"test_{name.replace('/', '_')}.xml"))
        for case, outcome, detail in cases:
            yield f"{name} {case}", outcome, detail
        if status == "run" and cases or any(outcome == "failed" for _, outcome, _ in cases):
            continue
        said = (test.findtext("system-out") or "").strip().splitlines()
        why = message(test.find("failure")) or message(test.find("skipped"))
        if status == "run":
            yield name, "passed", ""
        elif why.startswith("SKIP_"):
            yield name, "skipped", said[-1] if said else ""
        else:
            # Failed, killed, over its time, or never started: none of these is a skip.
            yield name, "failed", "\n".join([why, *told(said)])


def main():
    numbers = {"passed": 0, "failed": 0, "skipped": 0}
    for folder in map(pathlib.Path, sys.argv[1:]):
        for name, outcome, detail in count(folder):
            numbers[outcome] += 1
            lines = [line for line in detail.splitlines() if line.strip()]
            if outcome == "skipped":
                print(f"skipped: {folder.name}: {name}: {lines[-1].strip() if lines else 'no reason given'}")
            elif outcome == "failed":
                print("\n    ".join([f"failed: {folder.name}: {name}", *lines]))
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**numbers))
    return 1 if numbers["failed"] or not numbers["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
