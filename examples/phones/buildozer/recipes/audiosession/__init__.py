# mypy: ignore-errors
# python-for-android is where the app is packed, not where this is checked.
"""Takes audiosession from this checkout; what has no recipe is looked for on PyPI."""

from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree

from pythonforandroid.recipe import Recipe

PACKAGE = Path(__file__).resolve().parents[5] / "src/audiosession"


class AudiosessionRecipe(Recipe):
    """Copies the package, which has no native code."""

    name = "audiosession"
    version = "checkout"
    depends = ("python3", "pyjnius")

    def build_arch(self, arch):
        """Puts it where python-for-android packs packages from."""
        target = Path(self.ctx.get_python_install_dir(arch.arch), "audiosession")
        if target.exists():
            rmtree(target)
        copytree(PACKAGE, target, ignore=ignore_patterns("__pycache__", "*.java", "*.ogg"))


recipe = AudiosessionRecipe()
