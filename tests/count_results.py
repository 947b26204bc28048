#!/usr/bin/env python3
"""Adds up what a ctest run did, case by case, and ends with 1 if anything failed.

    tests/count_results.py DIR...

Each DIR holds ctest.xml (ctest --output-junit) and what the GoogleTest programs wrote (GTEST_OUTPUT=json:DIR/).
Prints each failed and each skipped case by name, and last "N passed, N failed, N skipped".
"""
import json
import pathlib
import sys
import xml.etree.ElementTree


def cases_of(report):
    """(name, outcome, detail) of each case of a GoogleTest program's report."""
    for suite in report.get("testsuites", []):
        for case in suite.get("testsuite", []):
            name = f"{suite['name']}.{case['name']}"
            if case.get("failures"):
                yield name, "failed", case["failures"][0].get("failure", "").strip()
            elif case.get("result") == "SKIPPED":
                reasons = [s.get("message", "") for s in case.get("skipped", [])]
                yield name, "skipped", (reasons or [""])[0].strip()
            elif case.get("status") == "RUN":
                yield name, "passed", ""


def count(folder):
    for test in xml.etree.ElementTree.parse(folder / "ctest.xml").getroot().iter("testcase"):
        name, status = test.get("name"), test.get("status")
        report = folder / f"test_{name.replace('/', '_')}.json"
        failed_here = False
        if report.exists():
            try:
                cases = list(cases_of(json.loads(report.read_text(encoding="utf-8"))))
            except ValueError:  # the program was killed while it wrote
                cases = []
            for case, outcome, detail in cases:
                failed_here |= outcome == "failed"
                yield f"{name} {case}", outcome, detail
            if status == "run" and cases:
                continue
        if status == "run":
            yield name, "passed", ""
        elif status == "fail" and not failed_here:
            note = test.find("failure")
            yield name, "failed", (note.get("message") or "") if note is not None else ""
        elif status not in ("run", "fail"):
            note = test.find("skipped")
            detail = (note.get("message") or "") if note is not None else ""
            # A program that could not be started or built is a failure; only a skip code is a skip.
            yield name, "skipped" if "SKIP_" in detail.upper() else "failed", detail


def main():
    numbers = {"passed": 0, "failed": 0, "skipped": 0}
    for folder in map(pathlib.Path, sys.argv[1:]):
        for name, outcome, detail in count(folder):
            numbers[outcome] += 1
            if outcome != "passed":
                lines = [line.strip() for line in detail.splitlines() if line.strip()]
                print(f"{outcome}: {folder.name}: {name}" + (f": {' | '.join(lines[:4])}" if lines else ""))
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**numbers))
    return 1 if numbers["failed"] or not numbers["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
