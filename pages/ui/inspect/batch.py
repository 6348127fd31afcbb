"""Inspect: scoring hundreds of images in a thread, with progress, time left and cancel; results so far stay."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from threading import BoundedSemaphore

import streamlit as st

from pages.ui.format import time_left
from pages.ui.inspect.kept import Kept, Key
from pages.ui.inspect.scores import Item, Means, score
from pages.ui.inspect.upload import Upload
from pages.ui.markdown import plain
from patchcore_core.errors import DataError
from patchcore_core.jobs.work import Work
from patchcore_core.progress import Progress
from patchcore_core.runs.store import Run
from patchcore_core.runs.time_left import TimeLeft

FEW = 4  # images for which the page waits
PATIENCE = 1.0  # seconds that it waits for more
AT_A_TIME = 2  # images of all visitors: each may take much memory
REDRAWN = 5.0  # seconds between two drawings of the list while images are scored, more for a long batch
MOST_SAID = 5
_DESK = "inspect_desk"


class Desk:
    """A visitor's results, and the work on what is missing."""

    def __init__(self) -> None:
        self.kept = Kept()
        self.cancelled: set[Key] = set()
        self.drawn = self.began = 0.0  # on the clock
        self._work: Work[None] | None = None
        self._asked: tuple[Key, ...] = ()

    @property
    def working(self) -> bool:
        """Whether images are being scored."""
        return self._work is not None and self._work.working

    @property
    def done(self) -> tuple[int, int]:
        """Images that were scored of those that were missing."""
        return (0, 0) if self._work is None else (self._work.done, len(self._asked))

    @property
    def error(self) -> str | None:
        """Why the work ended early."""
        return None if self._work is None else self._work.error

    def ask(self, means: Means, wanted: Sequence[tuple[Key, Upload]]) -> None:
        """Score what is missing of the images `wanted`, and nothing else; wait for it where it is little."""
        missing = tuple((key, upload) for key, upload in wanted if key not in self.kept and key not in self.cancelled)
        if not missing:
            self.stop()
            return
        if {key for key, _ in missing} <= set(self._asked) and (self.working or self.error):
            return
        self.stop()
        self._asked, self.began = tuple(key for key, _ in missing), time.monotonic()
        self._work = Work(partial(score_each, means, missing, self.kept, turns()))
        self._work.wait(None if len(missing) <= FEW else PATIENCE)

    def stop(self) -> None:
        """Let the work end with the image at hand."""
        if self._work is not None:
            self._work.stop()

    def cancel(self) -> None:
        """Leave out what is missing, until `go_on`."""
        self.stop()
        self.cancelled |= {key for key in self._asked if key not in self.kept}

    def go_on(self) -> None:
        """Take up again what was cancelled, or what ended early."""
        self.cancelled.clear()
        self._work, self._asked = None, ()

    def __del__(self) -> None:
        self.stop()


def results(run: Run, given: Sequence[Upload]) -> list[Item]:
    """The scored images of those given, in their order; draws the progress of the others, and what could not be read.
    """
    means, desk = Means.of(run), desk_of_session()
    keys = [(str(run.folder), run.updated_at, upload.key) for upload in given]
    wanted = list(zip(keys, given, strict=True))
    with st.spinner("Scoring …"):
        desk.ask(means, wanted)
    desk.drawn = time.monotonic()
    if why := means.familiar.why_unknown:
        st.caption(plain(f"{why[:1].upper()}{why[1:]}."))
    if desk.working:
        st.fragment(_progress, run_every=1.0)()
    else:
        _say_ended(desk, sum(key in desk.kept for key in keys), len(keys))
    _say_refused([said for key in keys if (said := desk.kept.refused(key))])
    items = [Item(upload, brief, partial(desk.kept.load, key)) for key, upload in wanted
             if (brief := desk.kept.brief(key))]
    _say_notes([item for item in items if item.brief.note and not item.brief.unlike])
    return items


def desk_of_session() -> Desk:
    """The desk of this visitor."""
    if _DESK not in st.session_state:
        st.session_state[_DESK] = Desk()
    desk: Desk = st.session_state[_DESK]
    return desk


@st.cache_resource(show_spinner=False)
def turns() -> BoundedSemaphore:
    """Taken for each image, so that one visitor's batch does not keep the others waiting."""
    return BoundedSemaphore(AT_A_TIME)


def score_each(
    means: Means, missing: Sequence[tuple[Key, Upload]], kept: Kept, turn: BoundedSemaphore, report: Progress
) -> None:
    """Score images one by one and keep the results, or why there is none."""
    for number, (key, upload) in enumerate(missing):
        report("score", number, len(missing))
        try:
            with turn:
                scored = score(means, upload)
            kept.put(key, scored)
        except DataError as error:
            kept.refuse(key, str(error))
    report("score", len(missing), len(missing))


def _progress() -> None:
    """Drawn each second; the whole page follows at the end, and now and then for the list."""
    desk = desk_of_session()
    now, (done, total) = time.monotonic(), desk.done
    if not desk.working or (done and now - desk.drawn > max(REDRAWN, 0.1 * (now - desk.began))):
        st.rerun()
    left = _left(desk, done, total, now)
    bar, button = st.columns([6, 1], vertical_alignment="bottom")
    bar.progress(done / max(1, total), text=f"Scoring · {done} of {total}{f' · {left}' if left else ''}")
    button.button("Cancel", key="inspect_cancel", on_click=desk.cancel, icon=":material/cancel:", width="stretch")


def _left(desk: Desk, done: int, total: int, now: float) -> str:
    pace: TimeLeft = st.session_state.setdefault("inspect_pace", TimeLeft())
    seconds = pace.note(f"score {desk.began}", done, total, now)
    return time_left(seconds) if seconds == seconds else ""


def _say_ended(desk: Desk, scored: int, total: int) -> None:
    """What was not scored, and the button to go on."""
    if scored == total:
        return
    said = f"{scored} of {total} images are done" + (f": {plain(desk.error)}" if desk.error else "; cancelled")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(f"{said}.", icon=":material/pause_circle:")
        st.button("Go on", key="inspect_go_on", on_click=desk.go_on, icon=":material/play_arrow:")


def _say_notes(items: Sequence[Item]) -> None:
    """Why photos do not suit the run, in the list where they are many; of those that get no verdict that is said in its
    place."""
    if len(items) > MOST_SAID:
        st.caption(f"{len(items)} images have a note, which is in the list.")
        return
    for item in items:
        st.warning(plain(f"{item.upload.title}: {item.brief.note}"), icon=":material/info:")


def _say_refused(sentences: Sequence[str]) -> None:
    for sentence in sentences[:MOST_SAID]:
        st.warning(plain(sentence), icon=":material/broken_image:")
    if len(sentences) > MOST_SAID:
        with st.expander(f"{len(sentences) - MOST_SAID} more images cannot be read"):
            st.text("\n".join(sentences[MOST_SAID:]))
