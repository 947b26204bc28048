"""Reads the .fbs files of schemas/messages: as much of the language as they use.

    Schema.read(folder) gives every table, struct and enum by name, with the fields in order of id.
"""

import dataclasses
import pathlib
import re


@dataclasses.dataclass
class Field:
    name: str
    type: str
    id: int
    default: str | None = None
    required: bool = False


@dataclasses.dataclass
class Declaration:
    kind: str  # table, struct or enum
    name: str
    file: str
    base: str = ""  # of an enum: its integer type
    bit_flags: bool = False
    fields: list[Field] = dataclasses.field(default_factory=list)
    values: dict[str, int] = dataclasses.field(default_factory=dict)


DECLARATION = re.compile(
    r"\b(table|struct|enum)\s+(\w+)\s*(?::\s*(\w+)\s*)?(\(\s*bit_flags\s*\)\s*)?\{([^}]*)\}")
FIELD = re.compile(r"(\w+)\s*:\s*(\[?\s*\w+\s*\]?)\s*(?:=\s*([^\s(;]+)\s*)?(?:\(([^)]*)\))?\s*;")


def without_comments(text):
    return re.sub(r"//[^\n]*", "", text)


def read_fields(text):
    fields = []
    for place, (name, type_name, default, attributes) in enumerate(FIELD.findall(text)):
        words = [word.strip() for word in attributes.split(",")] if attributes else []
        number = next((int(word.split(":")[1]) for word in words if word.startswith("id")), place)
        fields.append(Field(name, type_name.replace(" ", ""), number, default or None,
                            "required" in words))
    return sorted(fields, key=lambda field: field.id)


def read_values(text, bit_flags):
    values = {}
    following = 0
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = (part.strip() for part in item.partition("="))
        place = int(number) if number else following
        following = place + 1
        values[name] = 1 << place if bit_flags else place
    return values


class Schema:
    def __init__(self, declarations):
        self.declarations = declarations

    @staticmethod
    def read(folder):
        declarations = {}
        for path in sorted(pathlib.Path(folder).glob("*.fbs")):
            for kind, name, base, flags, body in DECLARATION.findall(
                    without_comments(path.read_text(encoding="utf-8"))):
                one = Declaration(kind, name, path.name, base, bool(flags))
                if kind == "enum":
                    one.values = read_values(body, one.bit_flags)
                else:
                    one.fields = read_fields(body)
                declarations[name] = one
        return Schema(declarations)

    def __getitem__(self, name):
        return self.declarations[name]

    def kind_of(self, type_name):
        """table, struct, enum, string or scalar."""
        if type_name in self.declarations:
            return self.declarations[type_name].kind
        return "string" if type_name == "string" else "scalar"
