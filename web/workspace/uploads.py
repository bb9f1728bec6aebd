"""Files that editors send: a Word file to start from, an attachment to keep. Both are hostile until they are read.

`drafts` calls it. What a file is, its content says and never its name; documents are read by `procedures` in a limited
child process; nothing is written to a path, and what is handed back is handed back to be kept, never to be run.
"""

from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from procedures.errors import Invalid
from procedures.importers.files import FILE_LIMIT, shown
from procedures.importers.reading import Reading, SourceFile
from procedures.publication import AttachedFile
from web.security import NOT_KEPT

LONGEST_NAME = 120


def attachment(fields: FormData, description: str) -> AttachedFile:
    """Read the file of a form as an attachment. Raises `Invalid` where it may not be kept, or has no description."""
    if not description.strip():
        raise Invalid("Say in words what the file shows, for whoever cannot see it.")
    name, content = sent(fields)
    reading = _in_sandbox(name, content)
    for each in reading.attachments:
        if each.content == content:
            return AttachedFile(each.filename, each.media_type, each.content, description.strip())
    if reading.refused:
        raise Invalid(f"The file was not attached. {reading.refused[0].reason}")
    raise Invalid("The file was not attached: only pictures and PDFs are. Put the words of others into the text.")


def handed_over(name: str, media_type: str, content: bytes) -> Response:
    """Answer with a file as a download."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": NOT_KEPT}
    return Response(content, media_type=media_type, headers={**headers, "X-Robots-Tag": "noindex"})


def sent(fields: FormData) -> tuple[str, bytes]:
    """Return the name and the bytes of the file a form sent. Raises `Invalid` where it sent none."""
    chosen = fields.get("file")
    if not isinstance(chosen, UploadFile) or not chosen.filename:
        raise Invalid("Choose a file to send.")
    content = chosen.file.read(FILE_LIMIT + 1)
    if len(content) > FILE_LIMIT:
        raise Invalid(f"The file is larger than {FILE_LIMIT // 1_000_000} MB. Shrink its pictures and send it again.")
    return file_name(chosen.filename), content


def file_name(given: str) -> str:
    """Reduce what a browser calls a file to a plain name, without folders and without characters that steer text."""
    name = PurePosixPath(PureWindowsPath(given).name).name
    return shown(name).strip(". ")[-LONGEST_NAME:] or "file"


def _in_sandbox(name: str, content: bytes) -> Reading:
    # Imported here because it brings parsers that nothing else needs.
    from procedures.importers.sandbox import Sandbox

    with Sandbox() as sandbox:
        return sandbox.read(SourceFile(name, content))
