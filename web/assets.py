"""The files the pages need: where each is, and an address that changes whenever the file does.

`render` writes the addresses into pages, `app` serves them. A file with its hash in its address
can be kept by the browser for good. Only files known at the start are served, so no address can
reach anything else on the machine.
"""

import hashlib
import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from procedures.errors import Fault, NotFound
from web.security import KEPT_FOR_GOOD

STATIC = Path(__file__).parent / "static"
_MANIFEST = STATIC / "built" / "manifest.json"


class Assets:
    """The files under `web/static`, each with the hash of its content."""

    def __init__(self) -> None:
        """Read the list of built files, and hash the few written by hand."""
        self._paths = {path.name: path for path in STATIC.iterdir() if path.is_file()}
        self._hashes = {name: _hash(path) for name, path in self._paths.items()}
        for name, known in _built().items():
            self._paths[name] = _MANIFEST.with_name(name)
            self._hashes[name] = known

    def address(self, name: str) -> str:
        """Address a file in its present state."""
        return f"/static/{self._hashes[name]}/{name}"

    def serve(self, request: Request) -> Response:
        """Answer with a file; an old address leads on to the present one."""
        name = request.path_params["name"]
        if name not in self._paths:
            raise NotFound("There is no such file.")
        if request.path_params["hash"] != self._hashes[name]:
            return RedirectResponse(self.address(name), status_code=302)
        return FileResponse(self._paths[name], headers={"Cache-Control": KEPT_FOR_GOOD})


def _built() -> dict[str, str]:
    try:
        manifest = json.loads(_MANIFEST.read_text(encoding="utf-8"))
        files: dict[str, str] = manifest["files"]
    except (OSError, ValueError, KeyError) as error:
        raise Fault(
            "The site's styles have not been built. Run `python web/assets/build.py`, or install the project again."
        ) from error
    return files


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
