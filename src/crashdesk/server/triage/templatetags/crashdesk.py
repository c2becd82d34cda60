"""What templates say again and again: icons, marks, ages, numbers, small plots."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from crashdesk import clock
from crashdesk.server.triage import ages, plots, words

register = template.Library()
_ICONS = Path(__file__).parents[2] / "static" / "crashdesk" / "icons"


@cache
def _drawing(name: str) -> str:
    text = (_ICONS / f"{name}.svg").read_text("utf-8")
    return text[text.index(">") + 1 : text.rindex("</svg>")]


@register.simple_tag
def icon(name: str, how: str = "") -> SafeString:
    """Draw one of our icons; it is always beside a word, so screen readers skip it."""
    drawing = mark_safe(_drawing(name))  # noqa: S308 - our own file
    return format_html('<svg class="icon {}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', how, drawing)


def _mark(shown: words.Kind) -> SafeString:
    shape = mark_safe(words.SHAPES[shown.shape])  # noqa: S308 - our own table
    drawing = format_html('<svg viewBox="0 0 10 10" aria-hidden="true">{}</svg>', shape)
    meaning, word = (_(text) if text else "" for text in (shown.meaning, shown.word))
    return format_html('<span class="kind {}" title="{}">{}{}</span>', shown.colour, meaning, drawing, word)


@register.simple_tag
def kind_mark(name: str) -> SafeString:
    """Draw the mark and word of an event's kind."""
    return _mark(words.kind(name))


@register.simple_tag
def feedback_mark(name: str) -> SafeString:
    """Draw the mark and word of a feedback's kind."""
    return _mark(words.kind(name, words.FEEDBACK_KINDS))


@register.simple_tag
def shape(name: str) -> SafeString:
    """Draw one shape alone, beside a text that says the same."""
    drawing = mark_safe(words.SHAPES[name])  # noqa: S308 - our own table
    return format_html('<svg viewBox="0 0 10 10" aria-hidden="true">{}</svg>', drawing)


@register.filter
def state_word(state: str) -> str:
    """Return the word for an issue's state."""
    return _(words.STATES[state]) if state in words.STATES else state


@register.filter
def category_word(category: str) -> str:
    """Return what items of a category are called; a word that clients made up stays as it is."""
    return _(words.CATEGORIES[category]) if category in words.CATEGORIES else category


@register.simple_tag
def age(moment: datetime | None) -> str:
    """Write how long ago `moment` was, with the exact time on hover."""
    if moment is None:
        return words.NOTHING
    exact = ages.exact(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, ages.short(moment, clock.now())
    )


@register.simple_tag
def exact(moment: datetime | None) -> str:
    """Write a moment to the second, in UTC."""
    if moment is None:
        return words.NOTHING
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), ages.exact(moment))


@register.simple_tag
def plain_moment(moment: datetime) -> str:
    """Write a moment to the second where the heading names the zone."""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), ages.exact(moment).removesuffix(" UTC"))


@register.simple_tag
def hour(moment: datetime) -> str:
    """Write the time of day to the second, with the date on hover."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), ages.exact(moment), f"{moment:%H:%M:%S}"
    )


@register.filter
def count(number: int | None) -> str:
    """Write a number with thousands apart: 1 234 567."""
    return words.NOTHING if number is None else words.number(number)


@register.filter
def size(number: int) -> str:
    """Write a number of bytes with its unit."""
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.0f} KB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"


@register.filter
def percent(share: float) -> str:
    """Write a share of one as whole percent; what is little but there is not written as nothing."""
    return "<1 %" if 0 < share < 0.01 else f"{share:.0%}".replace("%", " %")


@register.simple_tag
def sparkline(counts: Sequence[int], period: str) -> SafeString:
    """Draw counts as bars, readable aloud as one sentence."""
    said = _("%(sum)d events in %(period)s, at most %(most)d in one bar") % {
        "sum": sum(counts),
        "period": period,
        "most": max(counts, default=0),
    }
    return format_html(
        '<svg class="spark" width="96" height="20" viewBox="0 0 96 20" role="img" aria-label="{}">'
        '<title>{}</title><path d="{}" fill="currentColor"/>'
        '<path d="M0 19.5h96" stroke="currentColor" opacity=".35"/></svg>',
        said,
        said,
        plots.bars(counts),
    )


def _units(length: float) -> str:
    return f"{length:.1f}"


@register.simple_tag
def share_bar(here: float, usual: float) -> SafeString:
    """Draw a share as a bar with a tick where it usually is."""
    return format_html(
        '<svg width="72" height="10" viewBox="0 0 72 10" aria-hidden="true">'
        '<rect class="share-ground" width="72" height="10"/><rect class="share-here" width="{}" height="10"/>'
        '<path class="share-usual" d="M{} 0v10" stroke-width="2"/></svg>',
        _units(72 * min(here, 1.0)),
        _units(max(1.0, 71 * min(usual, 1.0))),
    )


@register.simple_tag
def share_bar_plain(share: float) -> SafeString:
    """Draw a share as a bar, without a usual one beside it."""
    return format_html(
        '<svg class="inline" width="40" height="8" viewBox="0 0 40 8" aria-hidden="true">'
        '<rect class="share-ground" width="40" height="8"/><rect class="share-here" width="{}" height="8"/></svg>',
        _units(40 * min(share, 1.0)),
    )


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """Return this page's query string with `changes`; an empty value removes one, and paging begins again."""
    query = context["request"].GET.copy()
    query.pop("cursor", None)
    for name, content in changes.items():
        query.pop(name, None)
        if content not in {None, ""}:
            query[name] = content
    return f"?{query.urlencode()}" if query else "?"
