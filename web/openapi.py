"""The OpenAPI 3.1 description of the API, made from its table of reads and the contract's types.

`app` routes to it. It is worked out from the code that answers, never written by hand.
"""

import re
from importlib.metadata import version
from typing import Any, Literal

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from index.facets import Facet
from kb.views import Order
from web.api import BASE, MOST_PER_PAGE, PER_PAGE, READS, Read, as_json
from web.forms import LAST_PAGE, LONGEST_WORDS
from web.render import Site

_DAY = {"type": "string", "examples": ["2021-03-03"], "description": "A day: 2021-03-03, or 3 March 2021."}
_TEXT = {"type": "string", "minLength": 1}
_SEVERAL = {"type": "array", "items": {"type": "string"}}

PARAMETERS: dict[str, tuple[str, bool, str, dict[str, Any]]] = {
    # name: where it stands, whether it must be given, what it is, its schema
    "key": ("path", True, "The key of a section, review or theme", _TEXT),
    "revision": ("path", True, "The number of a revision", {"type": "integer", "minimum": 1}),
    "pid": ("path", True, "The permanent id of a paragraph", _TEXT),
    "number": ("path", True, "A printed number, such as 8.38 or 8.38.4", _TEXT),
    "q": ("query", True, "What to look for", {**_TEXT, "maxLength": LONGEST_WORDS}),
    "on": ("query", False, "What was in force on this day", _DAY),
    "seen": ("query", False, "What this site showed on this day", _DAY),
    "from": ("query", True, "The earlier text: the number of a revision, or a day", _TEXT),
    "to": ("query", True, "The later text: the number of a revision, or a day", _TEXT),
    "without": ("query", False, "Words to take as they stand, without their other meanings", _SEVERAL),
    "section": ("query", False, "Only publications of the section with this key", _TEXT),
    "theme": ("query", False, "Only publications on the theme with this key", _TEXT),
    "order": ("query", False, "What comes first", {"type": "string", "enum": list(Order), "default": Order.RELEVANCE}),
    "page": ("query", False, "Which page", {"type": "integer", "minimum": 1, "maximum": LAST_PAGE, "default": 1}),
    "per_page": (
        "query",
        False,
        "How many to a page",
        {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
    ),
}
NARROWING = {
    Facet.KIND: "Only these kinds: section, review, contact or term",
    Facet.MUST: "Only paragraphs of guidance that state a legal duty: yes",
    Facet.AREA: "Only what is for these areas, or for all",
    Facet.PART: "Only these parts of the manual, by number",
    Facet.AGENCY: "Only what is for these agencies",
    Facet.THEME: "Only what is on these themes, by name",
}
_PROBLEM = {
    "type": "object",
    "description": "What happened and what to do next (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_PAGE = {
    "type": "object",
    "description": "Which page of a list this is.",
    "required": ["page", "per_page", "total", "pages"],
    "properties": {name: {"type": "integer"} for name in ("page", "per_page", "total", "pages")},
}
_NOTICE = {
    "type": ["string", "null"],
    "description": "What a reader must be told before the text: that this is a sample. Null on a real manual.",
}
_ERRORS = {"400": "The request cannot be read", "404": "There is no such thing", "503": "The fault is ours"}


def describe(request: Request) -> Response:
    """Answer with the description of the whole API."""
    return as_json(description(Site.of(request).kb.site_name, str(request.base_url).rstrip("/")))


def description(title: str, server: str) -> dict[str, Any]:
    """Describe the API as served under an address."""
    inputs: list[tuple[str, Literal["serialization"], TypeAdapter[Any]]] = [
        (read.name, "serialization", TypeAdapter(read.shape)) for read in READS
    ]
    schemas, definitions = TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}")
    components = {**definitions.get("$defs", {}), "Problem": _PROBLEM, "Page": _PAGE}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version("pan-sussex-procedures"),
            "description": "Everything the site lets anybody read, as JSON. Only published text is here.",
        },
        "servers": [{"url": server}],
        "paths": {
            re.sub(r":int}", "}", BASE + read.path): {"get": _operation(read, schemas[(read.name, "serialization")])}
            for read in READS
        },
        "components": {"schemas": components},
    }


def _operation(read: Read, shape: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": "object",
        "required": ["data", "notice"],
        "properties": {"data": shape, "notice": _NOTICE},
    }
    if "page" in read.takes:
        body["required"].append("page")
        body["properties"]["page"] = {"$ref": "#/components/schemas/Page"}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "operationId": read.name,
        "summary": read.summary,
        "parameters": [_parameter(name) for name in read.takes],
        "responses": {
            "200": {"description": read.summary, "content": {"application/json": {"schema": body}}},
            "304": {"description": "What you have (If-None-Match) is still so"},
            **{status: {"description": why, "content": problem} for status, why in _ERRORS.items()},
        },
    }


def _parameter(name: str) -> dict[str, Any]:
    narrowing = ("query", False, NARROWING[name], _SEVERAL) if isinstance(name, Facet) else None
    place, required, what, schema = narrowing or PARAMETERS[name]
    return {"name": name, "in": place, "required": required, "description": what, "schema": schema}
