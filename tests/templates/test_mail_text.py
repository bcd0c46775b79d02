"""The plain text beside an HTML e-mail."""

from __future__ import annotations

import pytest

from templates.mail import to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>", "One\n\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\n\nTwo"),
        ("a\n   b\t<b>c</b> d", "a b c d"),
        ("1 &lt; 2 &amp; 3&nbsp;&euro;", "1 < 2 & 3 €"),
        ('<a href="https://x.es/a?b=1&amp;c=2">Go</a> now', "Go (https://x.es/a?b=1&c=2) now"),
        ('<a href="https://x.es">https://x.es</a>', "https://x.es"),
        ('<a href="#top">Up</a>', "Up"),
        ('<img src="x.png" alt="Logo"> <img src="y.png">', "Logo"),
        ("<head><title>T</title><style>p {}</style></head><body>Hi</body>", "Hi"),
        ("<script>alert(1)</script>Hi", "Hi"),
        ('<div style="display:none;"><b>hidden <br>x</b></div>Hi', "Hi"),
        ('<div style="color: red; display : none">hidden</div>Hi', "Hi"),
        ("<!--[if mso]><table><tr><td>x</td></tr></table><![endif]-->Hi", "Hi"),
        ("", ""),
        ("</div></a>Hi", "Hi"),
    ],
)
def test_html_reads_as_text(html: str, text: str) -> None:
    assert to_text(html) == text
