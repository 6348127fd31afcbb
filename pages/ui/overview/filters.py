"""Which runs Overview lists, in which order and groups: chosen above the table, and all in the address."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui.overview.columns import COLUMNS, OPTIONAL
from pages.ui.overview.listed import Listed
from patchcore_core.data.images import shown
from patchcore_core.views.run_names import settings

FEW = 5  # runs that need no filters
NAMES = ("text", "category", "backbone", "status", "sweep", "tag", "starred", "archived", "order", "group", "columns")
ALONE = "fitted alone"  # in place of a sweep
GROUPS = {"sweep": "category and sweep", "category": "category", "none": "not grouped"}
ORDERS = {"newest": "newest first", "oldest": "oldest first", "name": "name", "image_auroc": "Image AUROC",
          "pixel_auroc": "Pixel AUROC", "aupro": "AUPRO", "fit_seconds": "fit time", "bank_bytes": "bank size"}


@dataclass(frozen=True)
class Chosen:
    """What the visitor chose. The lists are empty where everything is wanted; `columns` are all that are shown."""

    text: str = ""
    category: tuple[str, ...] = ()
    backbone: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    sweep: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    starred: bool = False
    archived: bool = False
    order: str = "newest"
    group: str = "sweep"
    columns: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether some runs are left out on request."""
        return bool(self.text.strip() or self.category or self.backbone or self.status or self.sweep or self.tag
                    or self.starred)  # fmt: skip


FIELDS: dict[str, tuple[str, Callable[[Listed], tuple[str, ...]]]] = {
    "category": ("Category", lambda one: (shown(one.run.category),)),
    "backbone": ("Backbone", lambda one: () if one.run.broken else (shown(one.run.config.backbone),)),
    "status": ("Status", lambda one: (one.status,)),
    "sweep": ("Sweep", lambda one: (shown(one.run.sweep) or ALONE,)),
    "tag": ("Tag", lambda one: tuple(map(shown, one.labels.tagged))),
}


def matching(runs: Sequence[Listed], chosen: Chosen) -> list[Listed]:
    """The runs that fit all that is chosen, in the chosen order; ties as they came, newest first."""
    words = chosen.text.casefold().split()
    found = [one for one in runs if _fits(one, chosen) and all(word in _text_of(one) for word in words)]
    return in_order(found, chosen.order)


def in_order(runs: Sequence[Listed], order: str) -> list[Listed]:
    """Runs, given newest first, in one of `ORDERS`; without the figure last."""
    if order == "oldest":
        return list(reversed(runs))
    if order == "name":
        return sorted(runs, key=lambda one: one.name.casefold())
    if order in ("image_auroc", "pixel_auroc", "aupro"):
        return sorted(runs, key=lambda one: _last(one.run.metrics.get(order, math.nan), -1))
    if order == "fit_seconds":
        return sorted(runs, key=lambda one: _last(one.run.fit_seconds, 1))
    if order == "bank_bytes":
        return sorted(runs, key=lambda one: _last(one.run.bank.get("bytes", math.nan), 1))
    return list(runs)


def draw(runs: Sequence[Listed]) -> Chosen:
    """The filters above the table where there are more than a few runs, or archived ones, or the address has some."""
    needed = len(runs) > FEW or any(one.labels.archived for one in runs)
    if not needed and not any(name in st.query_params for name in NAMES):
        return Chosen()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input("Search", key="text", bind="query-params", placeholder="name, tag, note, setting, id",
                             icon=":material/search:", width=300) or ""
        with st.popover(_filter_label(), icon=":material/filter_list:"):
            lists = {name: _pick(name, label, runs, of) for name, (label, of) in FIELDS.items()}
            starred = st.toggle("Only with a star", key="starred", bind="query-params")
            archived = st.toggle("Archived runs too", key="archived", bind="query-params")
        order = st.selectbox("Order", list(ORDERS), key="order", bind="query-params", format_func=ORDERS.__getitem__,
                             width=170)
        group = st.selectbox("Group by", list(GROUPS), key="group", bind="query-params",
                             format_func=GROUPS.__getitem__, width=190)
        with st.popover("Columns", icon=":material/view_column:"):
            columns = st.multiselect("Columns besides the usual ones", OPTIONAL, key="columns", bind="query-params",
                                     format_func=lambda name: COLUMNS[name][0])
    return Chosen(text, **lists, starred=starred, archived=archived, order=order or "newest", group=group or "sweep",
                  columns=tuple(columns))


def nothing_found(archived: int) -> None:
    """In place of a table where no run fits; so many archived ones would."""
    st.info("No run fits the search and the filters.", icon=":material/search_off:")
    with st.container(horizontal=True, gap="small"):
        st.button("Take search and filters away", icon=":material/filter_alt_off:", on_click=_clear)
        if archived:
            st.button(f"List {archived} archived {'run that fits' if archived == 1 else 'runs that fit'}",
                      icon=":material/archive:", on_click=_list_archived)


def _clear() -> None:
    st.session_state.update({name: [] for name in FIELDS} | {"text": "", "starred": False})


def _list_archived() -> None:
    st.session_state["archived"] = True


def _pick(name: str, label: str, runs: Sequence[Listed], of: Callable[[Listed], tuple[str, ...]]) -> tuple[str, ...]:
    """What is chosen of one field; what is in the address stays, though no run has it any more."""
    held: list[Any] = st.session_state.get(name) or st.query_params.get_all(name)
    options = sorted({*(value for one in runs for value in of(one)), *map(str, held)}, key=str.casefold)
    return tuple(st.multiselect(label, options, key=name, bind="query-params", placeholder="all", wrap=True))


def _filter_label() -> str:
    count = sum(bool(st.session_state.get(name) or name in st.query_params)
                for name in (*FIELDS, "starred", "archived"))
    return f"Filters ({count})" if count else "Filters"


def _fits(one: Listed, chosen: Chosen) -> bool:
    if (one.labels.archived and not chosen.archived) or (chosen.starred and not one.labels.star):
        return False
    wanted = {name: getattr(chosen, name) for name in FIELDS}
    return all(not values or set(values) & set(FIELDS[name][1](one)) for name, values in wanted.items())


def _text_of(one: Listed) -> str:
    run, labels = one.run, one.labels
    known = "" if run.broken else settings(run.config)
    return " ".join((run.id, run.category, labels.name, labels.tags, labels.note, known, run.sweep)).casefold()


def _last(value: float, sign: int) -> tuple[bool, float]:
    return (math.isnan(value), 0.0 if math.isnan(value) else sign * value)
