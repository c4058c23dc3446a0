"""Text of people, as HTML that is safe."""

from collections.abc import Sequence


def to_html(text: str, extensions: Sequence[str] = ()) -> str:
    import bleach  # only pages with text need it
    import markdown
    from django.conf import settings

    made = markdown.markdown(text, extensions=[*settings.DESK_MARKDOWN, *extensions])
    return bleach.clean(made, tags={*bleach.ALLOWED_TAGS, "p", "h1", "pre", "span", "div", "table", "tr", "td", "th", "tbody", "thead", "details", "summary", "svg"}, attributes={"*": ["class"]})
