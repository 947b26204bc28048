#!/usr/bin/env python3
"""The house rules as a test: prints each place that breaks one, and ends with 1 if there is any.

    tests/house_rules.py              checks every file of the checkout
    tests/house_rules.py --self-test  checks that each rule finds what it is for

The rules of layout that a compiler cannot check: what a room may include, where clocks are read, that every source
has a test. Functions over 70 lines and names are clang-tidy's (tests/run.sh tidy).
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOP = {"CMakeLists.txt", "README.md", "LICENSE", "hub", "schemas", "clients", "tests", "deploy"}
CODE = {".cpp", ".h", ".py", ".sh", ".fbs", ".cmake", ".js", ".mjs", ".ts"}
COLUMNS_MAX = 100         # of C++
COLUMNS_MAX_OTHER = 120   # of schemas, scripts and the build's description
LINES_MAX = 450
BLOB_BYTES_MAX = 512 * 1024

# What a room may include besides itself, the schemas and ops.
HUB_NEEDS = {
    "ops": set(),
    "store": set(),
    "security": set(),
    "sequence": {"store"},
    "ingest": {"security", "store", "sequence"},
    "picture": {"store"},
    "feed": {"security", "picture"},
    "replay": {"store", "security", "picture", "feed"},
    "sessions": {"security", "picture", "feed", "replay"},
    "rules": {"picture"},
}
OPS_SCHEMAS = ("words", "programs", "keys")
SCHEMAS_ORDER = ["words", "programs", "keys", "messages", "model"]

# A library's headers, and the only places under hub/ and schemas/ that may include them.
FENCED = [
    (re.compile(r"^rocksdb/"), re.compile(r"hub/store/[^/]+\.cpp")),
    (re.compile(r"^zmq\.hp{0,2}$"), re.compile(r"hub/ops/[^/]+\.cpp")),
    (re.compile(r"^spdlog/"), re.compile(r"schemas/programs/[^/]+\.cpp")),
    (re.compile(r"^prometheus/"), re.compile(r"hub/ops/[^/]+\.cpp")),
    (re.compile(r"^CLI/"), re.compile(r"hub/ops/[^/]+\.cpp")),
    (re.compile(r"^mutex$"), re.compile(r"(hub/ops|schemas/programs)/[^/]+")),
]

# Sources that no test includes, each with the reason.
UNTESTED = {
    r"hub/[^/]+\.cpp": "the wiring: every integration test runs it",
    r"clients/web/server/(main|figures)\.cpp": "the wiring: every integration test of the page runs it",
    r"clients/web/server/(ops/asio|http/beast)\.cpp": "where a library is compiled, and nothing else",
    r"clients/cli/[^/]*main\.cpp": "the list of commands: every integration test runs it",
    r".*/examples/.*": "built and run by a test as they stand",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^">]+)[">]', re.M)
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "not " + "implemented",
                        "unimple" + "mented", "st" + "ub(?:bed)?", "for" + " now"]) + r")\b", re.I)
SLEEP = re.compile(r"sleep_(?:for|until)|\busleep\(|\bnanosleep\(|\bsleep\(|time\.sleep|^\s*sleep\s+[0-9$]", re.M)
CLOCK = re.compile(r"(system_clock|steady_clock|high_resolution_clock)::now|\bclock_gettime\(|\bgettimeofday\(|"
                   r"\bstd::time\(|(?<![\w:.>])time\((nullptr|NULL|0)\)")
CHANCE = re.compile(r"\bs?rand\(\)|\bsrand\(")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:work|farm|root|home)/")
DISABLED = re.compile(r"\bDISABLED_")


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True,
                         text=True, check=True)
    return sorted(p for p in out.stdout.split("\0") if p and (ROOT / p).is_file())


def at(text, offset):
    return text.count("\n", 0, offset) + 1


def is_code(path):
    return pathlib.PurePosixPath(path).suffix in CODE or path.endswith("CMakeLists.txt")


def is_cpp(path):
    return path.endswith((".cpp", ".h"))


def check_text(path, text):
    """Rules that look at one line or one file."""
    found = []
    columns_max = COLUMNS_MAX if is_cpp(path) else COLUMNS_MAX_OTHER
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > columns_max:
            found.append(f"{path}:{number}: {len(line)} columns, at most {columns_max}")
        if line != line.rstrip() and not path.endswith(".md"):
            found.append(f"{path}:{number}: blanks at the end of the line")
    lines = text.count("\n") + 1
    if lines > LINES_MAX:
        found.append(f"{path}: {lines} lines, at most {LINES_MAX}: two ideas are two files")
    patterns = [(UNFINISHED, "unfinished"), (MACHINE_PATH, "a path of one machine"), (DISABLED, "a switched-off test")]
    if path.startswith("tests/") and path != "tests/house_rules.py":
        patterns.append((SLEEP, "a sleep: wait for the event instead"))
    if re.match(r"(hub|clients|schemas)/", path) and is_cpp(path):
        patterns.append((CHANCE, "chance that cannot be repeated: take a seeded generator from outside"))
        if not path.startswith(("schemas/words/", "hub/ops/")) and "/examples/" not in path:
            patterns.append((CLOCK, "a clock: take it from outside (schemas/words/times.h)"))
    for pattern, what in patterns:
        for hit in pattern.finditer(text):
            found.append(f"{path}:{at(text, hit.start())}: {what}: {hit.group(0).strip()!r}")
    return found


def room_of(path):
    """('hub', 'feed'), ('hub', 'main'), ('clients', 'cpp'), ('schemas', 'words') or None."""
    parts = pathlib.PurePosixPath(path).parts
    if len(parts) < 2 or parts[0] not in {"hub", "clients", "schemas"}:
        return None
    return (parts[0], parts[1] if len(parts) > 2 else "main")


def direction(here, there):
    """Why a file of the room `here` may not include one of `there`; empty when it may."""
    if there is None or here is None or here == there:
        return ""
    if there[0] == "schemas":
        if here[0] != "schemas":
            return ""
        order = [r in SCHEMAS_ORDER and SCHEMAS_ORDER.index(r) for r in (here[1], there[1])]
        return "" if order[0] >= order[1] else "the schemas' order is " + ", ".join(SCHEMAS_ORDER)
    if here[0] != there[0]:
        return "hub and clients depend on schemas and never on each other; schemas on neither"
    if here[0] == "hub" and here[1] != "main":
        if here[1] == "ops":
            return "ops stands on schemas/words, programs and keys alone"
        if there[1] != "ops" and there[1] not in HUB_NEEDS.get(here[1], set()):
            return f"{here[1]} may use {', '.join(sorted(HUB_NEEDS.get(here[1], set()))) or 'no other room'}"
    return ""


def check_includes(path, text):
    found = []
    for hit in INCLUDE.finditer(text):
        name, place = hit.group(1), f"{path}:{at(text, hit.start())}"
        if ".." in name.split("/"):
            found.append(f"{place}: include of {name}: write it from the root")
        why = direction(room_of(path), room_of(name))
        if why:
            found.append(f"{place}: include of {name}: {why}")
        if path.startswith("hub/ops/") and name.startswith("schemas/") and room_of(name)[1] not in OPS_SCHEMAS:
            found.append(f"{place}: include of {name}: ops stands on schemas/words, programs and keys alone")
        for library, places in FENCED:
            if path.startswith(("hub/", "schemas/")) and library.search(name) and not places.fullmatch(path):
                found.append(f"{place}: include of {name}: only in {places.pattern}")
    if path.endswith(".h") and "#pragma once" not in text:
        found.append(f"{path}: no #pragma once")
    return found


def check_layout(paths):
    found = []
    for top in sorted({p.split("/")[0] for p in paths}):
        if not top.startswith(".") and top not in TOP:
            found.append(f"{top}: the plan has no place for it at the top")
    for path in paths:
        size = (ROOT / path).stat().st_size
        if size > BLOB_BYTES_MAX:
            found.append(f"{path}: {size} bytes: too big for the repository")
    return found


def check_tested(paths, texts):
    """Every source is reached by a test: a test includes its header, or does so through others of the same room."""
    # The library's public headers are included as its users do.
    includes = {path: [re.sub("^vigie/", "clients/cpp/include/vigie/", name) for name in INCLUDE.findall(texts[path])]
                for path in paths if is_cpp(path)}
    reached = {name for path in includes if path.startswith("tests/") for name in includes[path]}
    sources = [p for p in includes if re.match(r"(hub|clients|schemas)/.*\.cpp$", p)]

    def header_of(source):
        own = source[:-len(".cpp")] + ".h"
        first = [name for name in includes[source] if room_of(name) == room_of(source)]
        return own if own in texts else first[0] if first else own

    grew = True
    while grew:
        files = [p for p in includes if p in reached] + [p for p in sources if header_of(p) in reached]
        mates = {name for p in files for name in includes[p] if room_of(name) == room_of(p)}
        grew = not mates <= reached
        reached |= mates
    found = [f"{p}: no test reaches it: write tests/unit/{p[:-len('.cpp')]}_test.cpp" for p in sources
             if header_of(p) not in reached and not any(re.fullmatch(excused, p) for excused in UNTESTED)]
    return found


def check_packages(text):
    return [f"deploy/packages.txt:{number}: a package without its reason"
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip() and not re.match(r"#|\[\w+\]$|[a-z0-9.+-]+ +# \w", line)]


def check_format(paths):
    files = [p for p in paths if is_cpp(p)]
    try:
        subprocess.run(["clang-format-16", "--version"], capture_output=True, check=True)
    except OSError:
        return ["clang-format-16 is missing: deploy/packages.txt names it"]
    chunks = [files[i:i + 20] for i in range(0, len(files), 20)]

    def run(chunk):
        out = subprocess.run(["clang-format-16", "--dry-run", *chunk], cwd=ROOT, capture_output=True, text=True)
        return sorted(set(re.findall(r"^(\S+?):\d+:\d+: warning", out.stderr, re.M)))

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [f"{path}: clang-format-16 would change it" for bad in pool.map(run, chunks) for path in bad]


def check_all():
    paths = tracked()
    texts = {}
    for path in paths:
        if is_code(path) or path == "deploy/packages.txt":
            texts[path] = (ROOT / path).read_text(encoding="utf-8")
    found = check_layout(paths)
    for path, text in texts.items():
        if path != "deploy/packages.txt":
            found += check_text(path, text)
        if is_cpp(path):
            found += check_includes(path, text)
    found += check_tested([p for p in paths if p in texts], texts)
    found += check_packages(texts.get("deploy/packages.txt", ""))
    return found + check_format(paths)


def self_test():
    """Each rule finds its own example, and nothing in a good file."""
    good = '#pragma once\n// Good.\n#include "schemas/words/times.h"\n'
    bad = [
        (check_text("hub/feed/a.h", "x" * 101), "101 columns"),
        (check_text("hub/feed/a.h", "x \n"), "blanks"),
        (check_text("hub/feed/a.h", "x\n" * 460), "461 lines"),
        (check_text("hub/feed/a.h", "// TO" + "DO later"), "unfinished"),
        (check_text("tests/a.cpp", "std::this_thread::sleep" + "_for(1s);"), "a sleep"),
        (check_text("tests/a.sh", "  sleep 1"), "a sleep"),
        (check_text("hub/feed/a.cpp", "auto t = std::chrono::steady_clock::now();"), "a clock"),
        (check_text("hub/feed/a.cpp", 'open("/' + 'work/x");'), "a path of one machine"),
        (check_text("hub/feed/a.cpp", "srand(1);"), "chance"),
        (check_includes("hub/feed/a.h", '#pragma once\n#include "../store/store.h"'), "from the root"),
        (check_includes("hub/feed/a.h", '#pragma once\n#include "hub/store/store.h"'), "feed may use"),
        (check_includes("hub/ops/a.h", '#pragma once\n#include "schemas/model/view.h"'), "programs and keys alone"),
        (check_includes("hub/ops/a.h", '#pragma once\n#include "hub/feed/ring.h"'), "programs and keys alone"),
        (check_includes("clients/cli/a.h", '#pragma once\n#include "hub/ops/loop.h"'), "never on each other"),
        (check_includes("schemas/words/a.h", '#pragma once\n#include "schemas/model/view.h"'), "order"),
        (check_includes("hub/replay/a.cpp", "#include <rocksdb/db.h>"), "only in"),
        (check_includes("hub/feed/a.cpp", "#include <mutex>"), "only in"),
        (check_includes("hub/feed/a.h", "int x;"), "no #pragma once"),
        (check_tested(["hub/feed/a.cpp"], {"hub/feed/a.cpp": ""}), "no test reaches it"),
        (check_packages("g++\n"), "without its reason"),
    ]
    wrong = [f"not found: {what}" for found, what in bad if not any(what in line for line in found)]
    fine = [check_text("hub/feed/a.h", good), check_includes("hub/feed/a.h", good), check_packages("g++  # compiles\n"),
            check_includes("hub/main.cpp", '#include "hub/feed/ring.h"'),
            check_tested(["hub/feed/a.cpp", "hub/feed/b.cpp", "tests/t.cpp"],
                         {"hub/feed/a.cpp": '#include "hub/feed/a.h"\n#include "hub/feed/b.h"',
                          "hub/feed/b.cpp": "", "tests/t.cpp": '#include "hub/feed/a.h"'})]
    return wrong + [f"found in a good file: {line}" for lines in fine for line in lines]


def main():
    if sys.argv[1:] not in ([], ["--self-test"]):
        sys.exit(__doc__)
    found = self_test() if sys.argv[1:] else check_all()
    print("\n".join(found) if found else "the house is in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
