"""The guards of the policy see what they are there for, and let pass what is allowed."""

import pytest

from caisu.tests.offences import in_css, in_html, in_script, in_template

ELSEWHERE = "https://cdn.example.org/x"


@pytest.mark.parametrize(
    "html",
    [
        f'<img src="{ELSEWHERE}">',
        "<img src='//cdn.example.org/x'>",
        f"<img src={ELSEWHERE}>",
        f'<img srcset="/a.webp 1x, {ELSEWHERE} 2x">',
        f'<picture><source srcset="{ELSEWHERE} 480w"></picture>',
        f'<script type="module" src="{ELSEWHERE}"></script>',
        f'<link rel="stylesheet" href="{ELSEWHERE}">',
        f'<link rel="preconnect" href="{ELSEWHERE}">',
        f'<LINK REL="alternate stylesheet" HREF="{ELSEWHERE}">',
        f'<iframe src="{ELSEWHERE}"></iframe>',
        f'<video poster="{ELSEWHERE}"></video>',
        f'<form action="{ELSEWHERE}"></form>',
        f'<button formaction="{ELSEWHERE}">x</button>',
        f'<a href="/" ping="{ELSEWHERE}">x</a>',
        f'<svg><use href="{ELSEWHERE}#a"/></svg>',
        f'<svg><image xlink:href="{ELSEWHERE}"/></svg>',
        f'<base href="{ELSEWHERE}">',
        f'<meta http-equiv="refresh" content="0; url={ELSEWHERE}">',
        f'<object data="{ELSEWHERE}"></object>',
        '<img src="\\\\cdn.example.org/x">',
        '<p style="color: red">x</p>',
        "<p style=color:red>x</p>",
        "<style>p { color: red }</style>",
        "<script>alert(1)</script>",
        '<script type="module">alert(1)</script>',
        '<script type="importmap">{}</script>',
        '<a href="#" onclick="x()">x</a>',
        "<img src=/x.png onerror=x()>",
        '<svg onload="x()"></svg>',
        '<a href="javascript:x()">x</a>',
    ],
)
def test_forbidden_in_a_page(html):
    assert len(in_html(html)) == 1


@pytest.mark.parametrize(
    "html",
    [
        f'<a href="{ELSEWHERE}" rel="noopener">x</a>',
        f'<link rel="canonical" href="{ELSEWHERE}"><meta property="og:image" content="{ELSEWHERE}">',
        '<img src="/x.png" srcset="/a.webp 480w, /b.webp 960w"><img src="data:image/png;base64,AA">',
        '<img src="http://testserver/x.png">',
        '<script type="application/ld+json">{"@context": "https://schema.org"}</script>',
        '<svg xmlns="http://www.w3.org/2000/svg"><path fill="#c00" d="M0 0"/></svg>',
        "<p>style=“x”, onclick=“x”</p><code>&lt;script&gt;</code>",
    ],
)
def test_allowed_in_a_page(html):
    assert in_html(html, own={"testserver"}) == []


@pytest.mark.parametrize(
    "text",
    [
        '{% if x %}<p{% if y %} style="color: {{ z }}"{% endif %}>{% endif %}',
        '<a{% if x < 3 %} onclick="{{ x }}"{% endif %}>',
        '<img src="https://{{ host }}/x.png">',
        '<img src="//{{ host }}/x.png">',
        "{% block x %}<script>{{ x }}</script>{% endblock %}",
    ],
)
def test_forbidden_in_a_template(text):
    assert len(in_template(text)) == 1


def test_allowed_in_a_template():
    text = '{# <style> #}<img src="{% static \'x.png\' %}"><img src="{{ address }}">'
    assert in_template(text) == []


@pytest.mark.parametrize(
    "css",
    [
        f"a {{ background: url({ELSEWHERE}) }}",
        f'@media print {{ @layer x {{ a {{ background: #fff url("{ELSEWHERE}") }} }} }}',
        "a { background: url(//cdn.example.org/x) }",
        f'a {{ background: image-set("{ELSEWHERE}" 1x) }}',
        f"@font-face {{ font-family: x; src: url({ELSEWHERE}) format('woff2') }}",
        f'@import "{ELSEWHERE}";',
        "@import url(other.css);",
        f"a {{ --picture: url({ELSEWHERE}) }}",
    ],
)
def test_forbidden_in_a_style_sheet(css):
    assert len(in_css(css)) == 1


def test_allowed_in_a_style_sheet():
    css = "/* https://drafts.csswg.org/ */ a { background: url(../img/x.svg); mask: url(data:image/svg+xml,x) }"
    assert in_css(css + '@namespace svg url("http://www.w3.org/2000/svg");') == []


@pytest.mark.parametrize(
    "js",
    [
        f'fetch("{ELSEWHERE}")',
        f"import x from '{ELSEWHERE}'",
        "new WebSocket(`wss://live.example.org/${room}`)",
        'image.src = "//cdn.example.org/x"',
    ],
)
def test_forbidden_in_a_script(js):
    assert len(in_script(js)) == 1


def test_allowed_in_a_script():
    js = 'href = `https://${typed}`; fetch("/x") // see https://example.org/x\ndocument.createElementNS("http://www.w3.org/2000/svg", "a")'
    assert in_script(js) == []
