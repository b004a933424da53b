"""Sphinx's settings for the reference; tests/docs/build.sh calls it."""

from sphinx.application import Sphinx

import ketch

project = "ketch"
author = "the ketch authors"
version = release = ketch.__version__
extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_parser"]
# `Name` in a docstring is a link, where there is such a name.
default_role = "py:obj"
html_theme = "alabaster"
html_theme_options = {"description": "An embeddable compute engine", "page_width": "1100px"}
html_copy_source = False
# Classes list their methods once, with the text of each.
numpydoc_show_class_members = False
autodoc_member_order = "groupwise"
autodoc_typehints = "signature"
autodoc_default_options = {"inherited-members": False}
# Links within Markdown pages to headings.
myst_heading_anchors = 3
# The builtin `bytes` in a signature is also the name of attributes, none of which is meant.
suppress_warnings = ["ref.python"]


def escape_bars(
    app: object, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Kets in prose are no substitutions of reStructuredText; examples stay as they are."""
    is_example = False
    for number, line in enumerate(lines):
        is_example = bool(line.strip()) and (is_example or line.lstrip().startswith(">>>"))
        if not is_example:
            parts = line.split("``")
            parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
            lines[number] = "``".join(parts)


def setup(app: Sphinx) -> None:
    app.connect("autodoc-process-docstring", escape_bars)
