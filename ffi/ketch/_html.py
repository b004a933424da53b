"""What notebooks show: tables, bars and drawings as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from ._kets import Kets, number

DRAWN_MAX = 500  # instructions of a circuit that are drawn
_MONO = "font-family: 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"
_BAR = "height: 0.7em; background: #4c72b0"


class Markup(str):
    """Text that is HTML already."""


def drawing(text: str) -> str:
    """A drawing in characters, scrolled where it is wider than the page."""
    style = f"{_MONO}; line-height: 1.1; white-space: pre; overflow-x: auto; word-wrap: normal"
    return f'<pre style="{style}">{escape(text)}</pre>'


def page(title: str, *parts: str) -> str:
    """Parts under a title."""
    return "<div>" + "".join((f"<div><b>{escape(title)}</b></div>", *parts)) + "</div>"


def note(text: str) -> str:
    """A line of text."""
    return f"<div>{escape(text)}</div>"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; cells are escaped unless they are Markup."""
    lines = [_row("th", head)] if head else []
    lines += [_row("td", row) for row in rows]
    return f"<table>{''.join(lines)}</table>"


def _row(kind: str, cells: Sequence[object]) -> str:
    texts = (c if isinstance(c, Markup) else escape(str(c)) for c in cells)
    left = '<{0} style="text-align: left">{1}</{0}>'
    return f"<tr>{''.join(left.format(kind, text) for text in texts)}</tr>"


def code(text: str) -> Markup:
    """Digits of one width."""
    return Markup(f'<span style="{_MONO}">{escape(text)}</span>')


def bar(share: float) -> Markup:
    """A bar as long as its share of 1."""
    return Markup(
        f'<div style="width: 8em"><div style="width: {100 * share:.1f}%; {_BAR}"></div></div>'
    )


def kets_table(kets: Kets | str) -> str:
    """The largest kets with probabilities and bars, or the reason why there are none."""
    if isinstance(kets, str):
        return note(kets)
    rows = [
        (code(f"|{k.digits}>"), number(k.amplitude), f"{k.probability:.4g}", bar(k.probability))
        for k in kets.shown
    ]
    more = [note(f"and {kets.more} more")] if kets.more else []
    return "".join([table(("ket", "amplitude", "probability", ""), rows), *more])


def counts_table(counts: Sequence[tuple[str, int]], total: int, more: int) -> str:
    """Outcomes, how often each came, and bars. total: of all counts; more: outcomes not shown."""
    rows = [
        (code(word), count, f"{count / total:.4g}", bar(count / total)) for word, count in counts
    ]
    told = [note(f"and {more} more outcomes")] if more else []
    return "".join([table(("outcome", "count", "share", ""), rows), *told])
