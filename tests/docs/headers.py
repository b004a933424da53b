"""Writes the C pages of the reference from the public headers: each declaration with the comment
above it, in the order of the headers, under their banners. Use: headers.py FOLDER HEADER..."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

COMMENT = re.compile(r"/\*(.*?)\*/", re.DOTALL)
BANNER = re.compile(r"---- (.*) ----")
MACRO = re.compile(r"^#define (KETCH_VERSION_\w+)", re.MULTILINE)
INLINE = re.compile(r"^static inline ([^{]*)\n\{", re.MULTILINE)
NAME = re.compile(r"\b(?:ketch|KETCH)_\w+")


class HeaderError(Exception):
    """A declaration of a form that is not known here."""


def marked_region(text: str) -> str:
    """What CFFI reads: the text between the marks, which are comments."""
    begin = text.index("*/", text.index("ketch declarations begin")) + 2
    return text[begin : text.index("/* ketch declarations end")]


def plain_comment(comment: str) -> str:
    """The text of a comment without its stars; list items keep lines of their own."""
    return "\n".join(
        re.sub(r"^\s*\* ?", "", line).rstrip() for line in comment.strip().splitlines()
    )


def declarations(region: str) -> Iterator[tuple[str, str]]:
    """Pairs of comment and declaration; a banner or a comment of its own comes with "" instead.
    A declaration ends at a semicolon outside of braces."""
    comment, at = "", 0
    while at < len(region):
        if region[at].isspace():
            blank = region.startswith("\n\n", at)
            if blank and comment:
                yield comment, ""
                comment = ""
            at += 1
        elif region.startswith("/*", at):
            if comment:
                yield comment, ""
            end = region.index("*/", at)
            comment, at = plain_comment(region[at + 2 : end]), end + 2
        else:
            end = statement_end(region, at)
            yield comment, region[at:end]
            comment, at = "", end + 1


def statement_end(region: str, at: int) -> int:
    """Where the semicolon of the declaration stands that begins there."""
    depth = 0
    while region[at] != ";" or depth:
        if region.startswith("/*", at):
            at = region.index("*/", at)
        depth += (region[at] == "{") - (region[at] == "}")
        at += 1
    return at


def one_line(code: str) -> str:
    return " ".join(COMMENT.sub(" ", code).replace("KETCH_API", "").split())


def members(body: str, separator: str) -> Iterator[tuple[str, str]]:
    """Pairs of comment and member of a struct or an enum. A comment above several members is the
    first one's."""
    comment, code, at, depth = "", "", 0, 0
    while at < len(body):
        if body.startswith("/*", at):
            end = body.index("*/", at)
            comment = f"{comment}\n\n{plain_comment(body[at + 2 : end])}".strip()
            at = end + 2
            continue
        depth += (body[at] == "(") - (body[at] == ")")
        if body[at] == separator and not depth:
            yield comment, one_line(code)
            comment, code = "", ""
        else:
            code += body[at]
        at += 1
    if code.strip():
        yield comment, one_line(code)


def declared(code: str) -> tuple[str, str, str]:
    """Kind, name and signature of a declaration, as Sphinx's C domain has them."""
    line = one_line(code)
    if found := re.match(r"(?:typedef )?(struct|enum) (\w+) ?\{", line):
        return found[1], found[2], found[2]
    if line.startswith("enum {"):
        return "enum", "", ""
    if found := re.fullmatch(r"typedef struct (\w+) \1", line):
        return "struct", found[1], found[1]
    if found := re.fullmatch(r"typedef (.*\(\*(\w+)\)\(.*\)|.*\b(\w+))", line):
        return "type", found[2] or found[3], found[1]
    if found := re.fullmatch(r"[\w *]+?\b(\w+)\(.*\)", line):
        return "function", found[1], line
    raise HeaderError(line)


def literal(paragraph: str) -> str:
    """A paragraph whose lines are all indented, as a literal block; "" for others and for lists."""
    lines = paragraph.splitlines()
    is_list = paragraph.lstrip().startswith("- ")
    if not lines or is_list or not all(line.startswith("  ") for line in lines):
        return ""
    return "\n".join(["::", "", *(f"  {line}" for line in lines)])


class Pages:
    """What is declared in all headers: for links, and so that each name is written once."""

    def __init__(self, texts: list[str]) -> None:
        self.roles: dict[str, str] = {}
        self.bodies: set[str] = set()
        self.done: set[str] = set()
        for text in texts:
            for _, code in declarations(marked_region(text)):
                if code:
                    self.learn(code)

    def learn(self, code: str) -> None:
        kind, name, _ = declared(code)
        self.roles[name] = {"function": "func"}.get(kind, kind)
        if "{" in code:
            self.bodies.add(name)
        if kind == "enum":
            for _, member in members(body_of(code), ","):
                self.roles[member.split(" ")[0]] = "enumerator"

    def prose(self, text: str) -> str:
        """A comment as reStructuredText. Paragraphs of indented lines are shown as they are."""
        paragraphs = text.split("\n\n")
        return "\n\n".join(literal(one) or self.flowing(one) for one in paragraphs)

    def flowing(self, text: str) -> str:
        """A paragraph as reStructuredText: nothing in it is markup but lists and names."""
        text = re.sub(r"([\\*|])", r"\\\1", text)
        text = re.sub(r"`([^`]*)`", r"``\1``", text)
        text = NAME.sub(lambda found: self.link(found[0]), text)
        return re.sub(r"^ *- ", "\n* ", text, flags=re.MULTILINE).replace("\n   ", "\n  ")

    def link(self, name: str) -> str:
        role = self.roles.get(name)
        return f"\\ :c:{role}:`{name}`\\ " if role else name.replace("_", "\\_")

    def entry(self, comment: str, code: str) -> str:
        """A directive with its members. A struct is declared once, where its fields are."""
        kind, name, signature = declared(code)
        if kind == "enum" and not name:
            return self.constants(comment, code)
        if name in self.done or (name in self.bodies and "{" not in code):
            return indented(self.prose(comment), 0)
        self.done.add(name)
        inner = [indented(self.prose(comment), 1)]
        if "{" in code:
            inner += self.fields(kind, code)
        return f".. c:{kind}:: {signature}\n\n" + "".join(inner)

    def constants(self, comment: str, code: str) -> str:
        """The constants of an enum without a name."""
        return indented(self.prose(comment), 0) + "".join(
            f".. c:macro:: {member.split(' ')[0]}\n\n"
            + indented(self.prose(f"{value_of(member)} {note}".strip()), 1)
            for note, member in members(body_of(code), ",")
        )

    def fields(self, kind: str, code: str) -> list[str]:
        word, separator = ("enumerator", ",") if kind == "enum" else ("member", ";")
        return [
            f"   .. c:{word}:: {member}\n\n" + indented(self.prose(note), 2)
            for note, member in members(body_of(code), separator)
            if member
        ]

    def page(self, text: str) -> str:
        """One header: its own comment, then its declarations."""
        found = COMMENT.search(text)
        title, _, head = plain_comment(found[1] if found else "").partition("\n")
        parts = [heading(title.rstrip("."), "="), indented(self.prose(head), 0)]
        for comment, code in declarations(marked_region(text)):
            banner = BANNER.search(comment)
            if banner:
                parts.append(heading(banner[1][0].upper() + banner[1][1:], "-"))
            elif code:
                parts.append(self.entry(comment, code))
            else:
                parts.append(indented(self.prose(comment), 0))
        return "".join([*parts, *self.outside(text)])

    def outside(self, text: str) -> Iterator[str]:
        """What is for C alone: version macros and inline functions."""
        macros, forms = MACRO.findall(text), INLINE.findall(text)
        if macros or forms:
            yield heading("In C only", "-")
        for name in macros:
            yield f".. c:macro:: {name}\n\n"
        for form in forms:
            yield f".. c:function:: {one_line(form)}\n\n"


def body_of(code: str) -> str:
    return code[code.index("{") + 1 : code.rindex("}")]


def value_of(member: str) -> str:
    return f"Value {member.partition(' = ')[2]}." if " = " in member else ""


def heading(text: str, line: str) -> str:
    return f"{text}\n{line * len(text)}\n\n"


def indented(text: str, depth: int) -> str:
    """A paragraph at that depth, or nothing."""
    lines = ["   " * depth + line if line else "" for line in text.strip("\n").split("\n")]
    return "\n".join(lines) + "\n\n" if text.strip() else ""


def main(folder: Path, headers: list[Path]) -> None:
    texts = [header.read_text() for header in headers]
    pages = Pages(texts)
    for header, text in zip(headers, texts, strict=True):
        (folder / f"c_{header.stem}.rst").write_text(pages.page(text))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
