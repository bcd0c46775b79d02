"""`/docs`: the OpenAPI document as one page that loads nothing from elsewhere."""

from __future__ import annotations

import json
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, Environment

routes = APIRouter()

PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ api.info.title }} API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #1c2733 }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font: 14px/1.45 ui-monospace, monospace }
pre { background: #f3f6f8; padding: .75rem; overflow: auto; border-radius: 4px }
.about { white-space: pre-line } summary { cursor: pointer; padding: .35rem 0 }
.method { display: inline-block; min-width: 4rem; font-weight: 600; color: #0b6b5d }
details { border-bottom: 1px solid #dde4ea } details > :not(summary) { margin-left: 1rem }
@media (prefers-color-scheme: dark) {
  body { background: #11181f; color: #dbe4ec } pre { background: #1b252f } details { border-color: #2c3844 }
  .method { color: #58c9b6 }
}
</style></head><body>
<h1>{{ api.info.title }} API</h1>
<p class="about">{{ api.info.description.strip() }}</p>
<p><a href="openapi.json">openapi.json</a></p>
{% for tag in api.tags %}
<h2 id="{{ tag.name }}">{{ tag.name }}</h2>
<p>{{ tag.description }}</p>
{% for path, item in api.paths.items() %}{% for method, one in item.items() if tag.name in one.tags %}
<details id="{{ one.operationId }}">
<summary><span class="method">{{ method.upper() }}</span> <code>{{ path }}</code> {{ one.summary }}</summary>
<p class="about">{{ one.description }}</p>
{% for parameter in one.parameters %}
<p><code>{{ parameter.name }}</code> ({{ parameter.in }}{{ ", required" if parameter.required }})
{{ parameter.description }}</p>
{% endfor %}
{% for content in (one.requestBody.content.values() if one.requestBody else []) %}
{% for example in content.examples.values() %}
<p>{{ example.summary }}:</p>
<pre>{{ pretty(example.value) }}</pre>
{% endfor %}{% endfor %}
{% for status, response in one.responses.items() %}
<p><code>{{ status }}</code> {{ response.description }}</p>
{% endfor %}
</details>
{% endfor %}{% endfor %}{% endfor %}
</body></html>
"""

_pages = Environment(loader=DictLoader({"reference": PAGE}), autoescape=True, trim_blocks=True)


@routes.get("/docs", include_in_schema=False)
async def reference(request: Request) -> HTMLResponse:
    """Shows the document."""
    api = request.app.openapi()
    return HTMLResponse(_pages.get_template("reference").render(api=api, pretty=_pretty))


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
