"""Checks the links between the pages of the repository: the file and the heading that they refer to exist."""

import os
import pathlib
import re
import tempfile
import unicodedata
import unittest
import urllib.parse

import support

LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
FENCE = re.compile(r"^( *)(```+|~~~+).*?^\1\2\s*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*$", re.MULTILINE)
SKIPPED = {"target", "node_modules", ".git", ".vitepress"}


def pages(root):
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED]
        yield from (pathlib.Path(folder) / name for name in files if name.endswith(".md"))


def text_of(page):
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchor(heading):
    """Returns the anchor that GitHub generates for a heading: lowercase, without punctuation, hyphens for spaces."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    kept = (c for c in text if c in " -_" or unicodedata.category(c)[0] in "LN")
    return "".join(kept).replace(" ", "-")


def anchors(page):
    seen = {}
    for heading in HEADING.findall(text_of(page)):
        name = anchor(heading)
        count = seen.get(name, 0)
        seen[name] = count + 1
        yield name if count == 0 else f"{name}-{count}"


def broken_links(root):
    for page in pages(root):
        for target in LINK.findall(text_of(page)):
            if re.match(r"[a-z]+:", target):
                if not re.match(r"https://[^/\s]+\.[a-z]+(/|$)|http://(localhost|127\.0\.0\.1)[:/]|mailto:", target):
                    yield f"{page.relative_to(root)}: {target} is neither https nor on this machine"
                continue
            path, _, fragment = urllib.parse.unquote(target).partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists():
                yield f"{page.relative_to(root)}: {target} leads to no file"
            elif fragment and fragment not in anchors(file):
                yield f"{page.relative_to(root)}: {target} leads to no heading"


class LinksTest(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        self.assertEqual([], list(broken_links(support.ROOT)))

    def test_a_broken_link_is_found(self):
        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (root / "a.md").write_text("# One `and` two!\n\n## Same\n## Same\n[x](b.md) [y](#one-and-two) [z](#same-1) [no](#same-2)\n", encoding="utf-8")
        (root / "b.md").write_text("[gone](c.md) [plain](http://example.org/)\n```\n[in code](d.md)\n```\n", encoding="utf-8")
        self.assertEqual(
            ["a.md: #same-2 leads to no heading", "b.md: c.md leads to no file",
             "b.md: http://example.org/ is neither https nor on this machine"],
            sorted(broken_links(root)))


if __name__ == "__main__":
    unittest.main()
