"""The rules of schemas/messages/PROTOCOL.md, "Evolution": what may change between two states of the schemas.

    evolution.py check BASELINE NOW   says what NOW breaks of BASELINE; exit code 1 when it breaks anything
    evolution.py newer NOW OUT        writes schemas that may follow NOW: each table has three more fields,
                                      each enum one more value
"""

import pathlib
import sys

import fbs

ADDED = ("  added_number:ulong (id: {0});\n  added_text:string (id: {1});\n"
         "  added_list:[ulong] (id: {2});\n")


def broken_fields(before, now):
    if before.kind == "struct":
        if before.fields != now.fields:
            yield f"struct {before.name} changed; a struct never changes"
        return
    by_name = {field.name: field for field in now.fields}
    for field in before.fields:
        if by_name.get(field.name) != field:
            yield f"field {before.name}.{field.name} was {field}, is {by_name.get(field.name)}"
    known = {field.name for field in before.fields}
    for field in now.fields:
        if field.name not in known and field.required:
            yield f"field {now.name}.{field.name} is new and required; older writers do not have it"


def broken_values(before, now):
    if (before.base, before.bit_flags) != (now.base, now.bit_flags):
        yield f"enum {before.name} was a {before.base}, is a {now.base}"
    for name, value in before.values.items():
        if now.values.get(name) != value:
            yield f"value {before.name}.{name} was {value}, is {now.values.get(name)}"
    if len(set(now.values.values())) != len(now.values):
        yield f"enum {now.name} gives a value twice"


def broken(before, now):
    """Sentences that name what breaks an older reader or writer."""
    for name, declaration in before.declarations.items():
        other = now.declarations.get(name)
        if other is None or other.kind != declaration.kind:
            yield f"{declaration.kind} {name} is gone"
        elif declaration.kind == "enum":
            yield from broken_values(declaration, other)
        else:
            yield from broken_fields(declaration, other)


def newer_text(text):
    """One .fbs file with something added to each table and enum."""

    def grow(match):
        kind, name, base, flags, body = match.groups()
        if kind == "table":
            ids = [field.id for field in fbs.read_fields(body)]
            first = max(ids, default=-1) + 1
            return f"table {name} {{{body}{ADDED.format(first, first + 1, first + 2)}}}"
        if kind == "enum":
            return f"enum {name} : {base} {flags or ''}{{{body.rstrip().rstrip(',')}, Newer }}"
        return match.group(0)

    return fbs.DECLARATION.sub(grow, fbs.without_comments(text))


def main(arguments):
    if len(arguments) == 4 and arguments[1] == "check":
        faults = list(broken(fbs.Schema.read(arguments[2]), fbs.Schema.read(arguments[3])))
        print("\n".join(faults) or "nothing is broken")
        return 1 if faults else 0
    if len(arguments) == 4 and arguments[1] == "newer":
        out = pathlib.Path(arguments[3])
        out.mkdir(parents=True, exist_ok=True)
        for path in sorted(pathlib.Path(arguments[2]).glob("*.fbs")):
            (out / path.name).write_text(newer_text(path.read_text(encoding="utf-8")),
                                         encoding="utf-8")
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
