"""Review, sidebar: which images are shown, and in which order; every choice is a widget bound to the address.

Other views change the filters from their callbacks, also within fragments, by `toggle_outcome` and its like: what
they ask for is kept until `filters` is drawn next, since only then a widget takes it over and the address with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.format import number, shortened
from pages.ui.markdown import plain
from pages.ui.review import address
from patchcore_core.evaluation.causes.causes import CAUSES, Causes
from patchcore_core.evaluation.explain import explain_cause
from patchcore_core.evaluation.thresholds.decision import Confusion
from patchcore_core.reviews.words import VERDICTS
from patchcore_core.views.listing import (
    EVERYTHING,
    ORDERS,
    Filters,
    Statistics,
    filtered,
    ordered,
    statistics,
    unexplained,
)
from patchcore_core.views.ranking import OUTCOMES, threshold_scale

OUTCOME, DEFECT, CAUSE, VERDICT, TAG, TEXT, SCORE, SIZE, ORDER = (
    "outcome", "defect", "cause", "verdict", "tag", "q", "score", "size", "order",
)  # fmt: skip
NARROWING = (OUTCOME, DEFECT, CAUSE, VERDICT, TAG, TEXT, SCORE, SIZE)  # all but the order
PARAMETERS = (*NARROWING, ORDER)
NO_CAUSE, NO_VERDICT = "no cause found", "no verdict"
GIVEN = {verdict: words for verdict, words in VERDICTS.items() if verdict} | {"": NO_VERDICT}
ASKED, WHOLE = "review_filters_asked", "review_filters_whole"
LONGEST = 200  # characters of the text that is searched for
LONGEST_KIND = 32  # characters of a defect type in a table
LARGEST = 10**9  # pixels of a region that an address may name


def filters(table: pd.DataFrame, causes: Causes) -> pd.DataFrame:
    """Draw the filters and return the rows of a `review_table.table` that they leave, in the chosen order."""
    for key, value in st.session_state.pop(ASKED, {}).items():
        st.session_state[key] = value
    clear, count = _heading()
    chosen = Filters(
        outcomes=_outcomes(table), defect_types=_defect_types(table), causes=_causes(table, causes),
        verdicts=_verdicts(table), tags=_tags(table), text=_text(table), scores=_scores(table),
        region_area=_sizes(table),
    )  # fmt: skip
    if chosen != Filters():
        clear.button("Clear filters", icon=":material/filter_alt_off:", type="tertiary", key="review_clear_filters",
                     on_click=clear_filters)
    listed = ordered(filtered(table, chosen), _order(table))
    _count(count, listed, table)
    return listed


def unfiltered(table: pd.DataFrame) -> pd.DataFrame:
    """What `filters` returns where none of `PARAMETERS` is in the address; only their heading is drawn."""
    listed = ordered(table, _orders(table)[0])
    _count(_heading()[1], listed, table)
    return listed


def summary_line(listed: pd.DataFrame, table: pd.DataFrame, threshold: float) -> None:
    """What is shown of the table; where it is only a part, its figures, which are said to be those of the part."""
    if len(listed) == len(table):
        st.caption(f"All {len(table):,} test images")
        return
    found = statistics(listed, threshold, len(table))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        shown = f"**{len(listed):,} of {len(table):,}** test images"
        st.caption(" · ".join([shown, *_outcome_counts(found.confusion)]), width="content")
        if found.shown:
            with st.popover("Figures of these images", icon=":material/query_stats:", type="tertiary"):
                st.markdown(found.sentence)
                st.table(pd.DataFrame(_figures(found), columns=["figure", "value"]), border="horizontal",
                         hide_index=True, alt="Figures of the images that are shown")


def _outcome_counts(counts: Confusion) -> list[str]:
    numbers = {"TP": counts.tp, "FN": counts.fn, "FP": counts.fp, "TN": counts.tn}
    return [f"{OUTCOMES[name]} {count}" for name, count in numbers.items() if count]


def _figures(found: Statistics) -> list[list[str]]:
    """Name and value of each figure that says something."""
    counts = found.confusion
    numbers = {"Image AUROC": found.image_auroc, "Recall": counts.recall, "Precision": counts.precision,
               "False positive rate": counts.false_positive_rate, "Mean pixel IoU": found.mean_iou}  # fmt: skip
    rows = [["Good / defective", f"{found.good:,} / {found.defective:,}"],
            *([name, number(value)] for name, value in numbers.items() if not np.isnan(value))]
    if not np.isnan(found.overlooked):
        rows.append(["Missed defect area (px)", f"{found.overlooked:,.0f}"])
    rows += [[plain(f"Recall of {shortened(kind or 'unknown type', LONGEST_KIND)}"), f"{hits} of {total}"]
             for kind, (hits, total) in found.recall.items()]
    rows += [[f"Cause: {CAUSES[key]}", str(found.causes[key])] for key in CAUSES if key in found.causes]
    return rows + [[f"Verdict: {words}", str(found.verdicts[key])] for key, words in GIVEN.items()
                   if key in found.verdicts and set(found.verdicts) != {""}]


def narrowed() -> tuple[list[str], list[str], list[tuple[float, float]]]:
    """The outcomes, defect types and ranges of region size that the filters, once drawn, are set to."""
    size, whole = _now(SIZE), st.session_state.get(WHOLE, {}).get(SIZE)
    return list(_now(OUTCOME) or []), list(_now(DEFECT) or []), [size] if size and size != whole else []


def toggle_outcome(name: str) -> None:
    """From a callback: show only the images of this outcome (TP, FN, FP, TN or ?), or all outcomes where it was so."""
    if name in OUTCOMES:
        _toggle(OUTCOME, name)


def toggle_defect(kind: str) -> None:
    """From a callback: show only the images of this defect type, or all types where it was so."""
    _toggle(DEFECT, kind)


def toggle_sizes(low: float, high: float) -> None:
    """From a callback: show only the images with a true region of low to high pixels (both included), or all sizes
    where it was so."""
    ends = (int(np.ceil(max(low, 0))), int(min(high, LARGEST)))
    whole = st.session_state.get(WHOLE, {}).get(SIZE)
    ask({SIZE: whole if _now(SIZE) == ends else ends})


def clear_filters() -> None:
    """From a callback: show all images."""
    whole = st.session_state.get(WHOLE, {})
    ask({key: whole.get(key, "" if key == TEXT else []) for key in NARROWING})


def ask(values: dict[str, Any]) -> None:
    """From a callback: give filters (address parameter -> the value of its widget) other values."""
    st.session_state[ASKED] = st.session_state.get(ASKED, {}) | values
    _restart()
    address.ask_redraw()


def _toggle(key: str, value: str) -> None:
    ask({key: [] if _now(key) == [value] else [value]})


def _now(key: str) -> Any:
    """The value that a filter has or was asked to have."""
    asked = st.session_state.get(ASKED, {})
    return asked[key] if key in asked else st.session_state.get(key)


def _restart() -> None:
    """The image of the address may not be among those that are left."""
    address.forget("image")
    address.forget("zoom")


def _heading() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Draw it and return the places of the button that clears the filters and of how many images they leave."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Images", anchor=False, width="content")
        clear = st.empty()
    return clear, st.empty()


def _count(place: DeltaGenerator, listed: pd.DataFrame, table: pd.DataFrame) -> None:
    place.markdown(f"**{len(listed):,}** of {len(table):,} images")


def _outcomes(table: pd.DataFrame) -> Sequence[str]:
    labels = set(table["label"])
    options = [name for name, label in (("TP", 1), ("FN", 1), ("FP", 0), ("TN", 0), ("?", -1)) if label in labels]
    if len(options) < 2:
        return ()
    return tuple(st.pills("Outcome", options, selection_mode="multi", key=OUTCOME, bind="query-params",
                          format_func=OUTCOMES.__getitem__, on_change=_restart, help="No selection shows all."))


def _defect_types(table: pd.DataFrame) -> Sequence[str]:
    types = sorted(set(table["defect_type"]))
    unnamed = "unknown" if "unknown" not in types else "(no type)"
    return _choice(DEFECT, "Defect type", types, "All types", lambda name: name or unnamed)


def _causes(table: pd.DataFrame, causes: Causes) -> Sequence[str]:
    counts = {key: count for key, count in causes.counts().items() if key not in causes.not_computed}
    counts[""] = int(unexplained(table).sum())
    if not any(counts.values()) and not _in_use(CAUSE):
        return ()
    chosen = _choice(CAUSE, "Cause", list(counts), "All causes", lambda key: CAUSES.get(key, NO_CAUSE),
                     explained="\n".join(_explained(key, count) for key, count in counts.items()))
    st.caption(" · ".join(f"{CAUSES.get(key, NO_CAUSE)} **{count}**" for key, count in counts.items() if count))
    return chosen


def _explained(key: str, count: int) -> str:
    sentence = explain_cause(key) if key else "A missed defect or false alarm to which none of these applies."
    return f"- **{CAUSES.get(key, NO_CAUSE)}** ({count}): {plain(sentence)}"


def _verdicts(table: pd.DataFrame) -> Sequence[str]:
    if not (table["verdict"] != "").any() and not _in_use(VERDICT):
        return ()
    return _choice(VERDICT, "Verdict", list(GIVEN), "All verdicts", GIVEN.__getitem__)


def _tags(table: pd.DataFrame) -> Sequence[str]:
    return _choice(TAG, "Tag", sorted({tag for tags in table["tags"] for tag in tags}), "All tags", str, fewest=1)


def _text(table: pd.DataFrame) -> str:
    if len(table) < 2 and not _in_use(TEXT):
        return ""
    return st.text_input("Path contains", key=TEXT, bind="query-params", max_chars=LONGEST, on_change=_restart,
                         placeholder="search path", help="All words must occur in the path; case is ignored.")


def _scores(table: pd.DataFrame) -> tuple[float, float]:
    scores = table["image_score"].to_numpy()
    if len(np.unique(scores[np.isfinite(scores)])) < 2:
        return EVERYTHING
    scale = threshold_scale(scores)
    whole = (scale.low, scale.high)
    _whole_again(SCORE, whole)
    st.session_state.setdefault(SCORE, whole)
    chosen: Any = st.slider("Image score", scale.low, scale.high, step=scale.step, format=f"%.{scale.digits}f",
                            key=SCORE, bind="query-params", on_change=_restart)
    low, high = chosen
    return -np.inf if low <= scale.low else low, np.inf if high >= scale.high else high


def _sizes(table: pd.DataFrame) -> tuple[float, float]:
    areas = sorted({area for of_image in table["region_areas"] for area in of_image})
    if len(areas) < 2:
        return EVERYTHING
    whole = (areas[0], areas[-1])
    _whole_again(SIZE, whole)
    options = sorted({*areas, *_named_ends()})
    ends = st.select_slider("Defect size (px)", options, whole, key=SIZE, bind="query-params",
                            on_change=_restart,
                            help="Area of a defect region in pixels of the anomaly map; images with at least one "
                                 "region in this range are shown.")
    return EVERYTHING if ends == whole else ends


def _named_ends() -> set[int]:
    """Ends that the address or another view names, which need not be the size of a region."""
    asked = st.session_state.get(SIZE)
    named = [word for word in st.query_params.get_all(SIZE)[:2] if word.isascii() and word.isdecimal()]
    ends = {int(word) for word in named if len(word) < len(str(LARGEST))}
    return ends | {end for end in (asked if isinstance(asked, tuple) else ()) if isinstance(end, int)}


def _order(table: pd.DataFrame) -> str:
    return st.selectbox("Order", _orders(table), key=ORDER, bind="query-params", on_change=_restart)


def _orders(table: pd.DataFrame) -> list[str]:
    known = [words for words, (column, _) in ORDERS.items() if table[column].notna().any()]
    return known or list(ORDERS)[:1]


def _choice(key: str, label: str, options: list[str], empty: str, words: Callable[[str], str], fewest: int = 2,
            explained: str | None = None) -> Sequence[str]:  # fmt: skip
    """Any number of the options, none of them for all; nothing is drawn where there are fewer than `fewest`."""
    if len(options) < fewest:
        return ()
    return tuple(st.multiselect(label, options, key=key, bind="query-params", format_func=words, placeholder=empty,
                                on_change=_restart, help=explained))


def _in_use(key: str) -> bool:
    """Whether a filter is set, by its widget or in the address of a page that opens."""
    return bool(st.session_state.get(key)) or bool(st.query_params.get(key))


def _whole_again(key: str, whole: tuple[Any, Any]) -> None:
    """A range begins anew as the whole one with another run, whose scores or sizes are others."""
    known = st.session_state.setdefault(WHOLE, {})
    if known.setdefault(key, whole) != whole:
        known[key] = st.session_state[key] = whole
