"""How Sphinx builds these pages."""

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx

from audiosession._version import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

# Extensions of our own: modules in docs/_ext.
own_extensions: list[str] = ["policytable", "datatables", "rulestable", "signatures"]

project = "audiosession"
author = "the audiosession authors"
project_copyright = "2026, the audiosession authors"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.napoleon",
    *own_extensions,
]
exclude_patterns = ["_build", "_ext"]

html_theme = "furo"
html_title = "audiosession"
html_static_path = ["_static"]
html_css_files = ["tables.css"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

napoleon_numpy_docstring = False
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"

# Others' pages are not part of this build, which must work without a network.
_foreign = "|".join(
    re.escape(name) for name in sorted({*sys.stdlib_module_names, "dbus_fast", "numpy"})
)
nitpick_ignore_regex = [
    (r"py:.*", rf"({_foreign})(\..+)?"),
    # Names of theirs that autodoc knows by their last part alone.
    (r"py:class", r"Path|NDArray|np\.float32"),
    # Type variables and private names have no entry anywhere.
    (r"py:meth", r"_\w+"),
    (r"py:.*", r"audiosession\.(\w+\.)*(_\w+|[A-Z]|[A-Z]\w*_(co|contra))"),
]
# A field that is annotated with the builtin type would fit every field that is called type.
suppress_warnings = ["ref.python"]
nitpick_ignore: list[tuple[str, str]] = [
    # What a session hands to the handlers it makes; nobody else makes one.
    ("py:class", "audiosession.players.Ties"),
    # A blocking session says it in the words of the other, which is in another module.
    ("py:class", "AVCaptureSessionDeferredStartDelegate"),
    # What the parts of a simulated device work with; they are nobody else's.
    ("py:class", "audiosession.hosts.simulated.changes.Changes"),
    ("py:class", "audiosession.hosts.simulated.placing.Placing"),
]


# Napoleon takes the words before a colon in the first line of one of these for a type.
_one_line_kinds = {"attribute", "data", "property"}
_hidden_colon = "\N{MODIFIER LETTER COLON}"


def _hide_colon(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    if what in _one_line_kinds and lines:
        lines[0] = lines[0].replace(":", _hidden_colon)


def _show_colon(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    if what in _one_line_kinds:
        lines[:] = [line.replace(_hidden_colon, ":") for line in lines]


def setup(app: Sphinx) -> None:
    """Puts a step on either side of napoleon, which listens at the default priority of 500."""
    app.connect("autodoc-process-docstring", _hide_colon, priority=400)
    app.connect("autodoc-process-docstring", _show_colon, priority=600)
