"""Signatures as people read them."""

from __future__ import annotations

from sphinx.application import Sphinx


def _without_factories(
    app: Sphinx,
    what: str,
    name: str,
    obj: object,
    options: object,
    signature: str | None,
    return_annotation: str | None,
) -> tuple[str | None, str | None]:
    # A default that is made anew each time has no value to show; what dataclasses show
    # instead is no Python, and Sphinx would cut the signature at every comma.
    return signature and signature.replace("<factory>", "..."), return_annotation


def setup(app: Sphinx) -> dict[str, bool]:
    """Listens to autodoc."""
    app.connect("autodoc-process-signature", _without_factories)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
