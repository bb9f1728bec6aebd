"""The least a search page can be: Starlette, one FTS5 query and twenty marked passages in a template.

`bench_pages` starts it as `python -m tests.benchmarks.bare_page FILE PORT` beside the real site. It works in the event
loop, in one process, with the access log on, as the site does; its file is made by `engines.FullText`.
"""

import re
import sqlite3
import sys

import jinja2
import uvicorn
from markupsafe import Markup, escape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from index.analysis import STOP_WORDS

SHOWN = 20
OPEN, CLOSE = "\x01", "\x02"

ASK = """
SELECT key, title, snippet(passage, 2, char(1), char(2), '…', 50) FROM passage
WHERE passage MATCH ? ORDER BY bm25(passage, 0, 3, 1) LIMIT ?
"""

TEMPLATE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ words }} – Search</title></head>
<body>
<form action="/search">
<label for="q">Search</label> <input id="q" name="q" value="{{ words }}"> <button>Go</button>
</form>
<h1>{{ found|length }} results for “{{ words }}”</h1>
<ol>
{% for key, title, text in found %}
<li><h2><a href="/passages/{{ key|urlencode }}">{{ title }}</a></h2><p>{{ text|marked }}</p></li>
{% endfor %}
</ol>
</body>
</html>
"""


def marked(text: str) -> Markup:
    """Escape a snippet and mark what was found."""
    return Markup(escape(text).replace(OPEN, Markup("<mark>")).replace(CLOSE, Markup("</mark>")))  # noqa: S704  # escaped


def make_app(file: str) -> Starlette:
    """Make the page over a file of passages."""
    connection = sqlite3.connect(file, check_same_thread=False)
    templates = jinja2.Environment(autoescape=True)
    templates.filters["marked"] = marked
    page = templates.from_string(TEMPLATE)

    async def search(request: Request) -> HTMLResponse:
        words = request.query_params.get("q", "")
        telling = [word for word in re.findall(r"\w+", words.lower()) if word not in STOP_WORDS]
        found = connection.execute(ASK, (" OR ".join(f'"{word}"' for word in telling), SHOWN)).fetchall()
        return HTMLResponse(page.render(words=words, found=found))

    return Starlette(routes=[Route("/search", search)])


if __name__ == "__main__":
    uvicorn.run(make_app(sys.argv[1]), port=int(sys.argv[2]))
