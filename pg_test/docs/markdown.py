"""What a document consists of: fenced blocks, headings, links."""

import re
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^(`{3,}|~{3,})\s*([^\s`]*)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`[^`]*`")


@dataclass
class Block:
    """A fenced block: its language and flags (```sql,ignore), its lines, and the line that it begins at."""

    language: str
    flags: list
    line: int
    lines: list = field(default_factory=list)
    # Nothing but blank lines stands between it and the block before.
    follows: bool = False

    @property
    def text(self):
        return "\n".join(self.lines)


class Document:
    """One Markdown file."""

    def __init__(self, path: Path):
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.blocks = []
        self.headings = []
        self.links = []
        # For each heading the ```text blocks below it, up to the next heading of any level, as one text.
        self.outputs = []
        self._read()

    def _read(self):
        block = fence = None
        prose_since = True
        for number, line in enumerate(self.text.splitlines(), 1):
            found = FENCE.match(line)
            if block is not None:
                if found and found[1].startswith(fence) and not found[2]:
                    self.blocks.append(block)
                    if block.language == "text" and self.outputs:
                        self.outputs[-1] += block.text + "\n"
                    block, prose_since = None, False
                else:
                    block.lines.append(line)
            elif found:
                language, *flags = found[2].split(",")
                fence = found[1]
                block = Block(language, flags, number, follows=not prose_since)
            elif line.strip():
                prose_since = True
                self._read_prose(number, line)
        if block is not None:
            raise SystemExit(f"{self.path.name}:{block.line}: the block is never closed")

    def _read_prose(self, number, line):
        heading = HEADING.match(line)
        if heading:
            self.headings.append(heading[1])
            self.outputs.append("")
        self.links += [(number, target) for target in LINK.findall(CODE.sub("", line))]

    def anchors(self):
        """The names that GitHub gives to the headings."""
        seen = {}
        for heading in self.headings:
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
            slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
            number = seen[slug] = seen.get(slug, -1) + 1
            yield slug if number == 0 else f"{slug}-{number}"

    def section(self, heading):
        """The text below a heading, up to the next heading of any level; None when there is no such heading."""
        lines, inside, fenced = [], False, False
        for line in self.text.splitlines():
            fenced ^= bool(FENCE.match(line))
            title = None if fenced else HEADING.match(line)
            if title:
                if inside:
                    break
                inside = title[1] == heading
            elif inside:
                lines.append(line)
        return "\n".join(lines) if inside or lines else None
