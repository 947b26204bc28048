#!/usr/bin/env python3
"""Prints the sources of the rooms that a build folder compiles, for clang-tidy, one a line.

    tests/tidy_files.py BUILD-FOLDER
"""
import json
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parent.parent
commands = json.loads((pathlib.Path(sys.argv[1]) / "compile_commands.json").read_text(encoding="utf-8"))
for path in sorted({pathlib.Path(command["file"]) for command in commands}):
    if root in path.parents and path.relative_to(root).parts[0] in ("hub", "schemas", "clients"):
        print(path)
