"""The gallery and the operating point on a page of their own, with made-up images.

In the address: `n` images, the one `at` this place selected, with `labels` (none, good: all of them), `show` (point,
gallery), `level` (pixel), `zone` (none), `layout` (strip), `digits` to which Python rounds the
thresholds that it is told.
What Python has been told stands in the element of the key `told`, as JSON.
"""

from __future__ import annotations

import io
import json
import time

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image
from streamlit import runtime

from patchcore_core.evaluation.thresholds.decision import confusion
from patchcore_core.views.widgets.histograms import Counts, Scores
from tests.browser.components.faces.gallery import Thumbnails, gallery
from tests.browser.components.faces.operating_point import Named, operating_point

HOSTILE = ("<img src=x onerror=document.body.dataset.harmed=1> **b** ![x](http_x) \u05d0\u202egnp.exe "
           + "u\u0301\u0302" * 90)


@st.cache_data
def images(number: int) -> pd.DataFrame:
    """Made-up images: `name`, `label`, `score`, `kind`, `verdict`; a fifth defective, a twentieth unlabelled."""
    random = np.random.default_rng(0)
    label = random.choice([0, 1, -1], number, p=[0.75, 0.2, 0.05])
    score = np.where(label == 1, random.normal(3, 0.8, number), random.normal(1, 0.4, number)).astype(np.float32)
    kind = np.where(label == 1, random.choice(["scratch", "hole", HOSTILE], number), np.where(label == 0, "good", ""))
    verdict = random.choice(["", "label correct", "label wrong"], number, p=[0.9, 0.06, 0.04])
    names = [f"test/{'good' if one == 0 else 'defect'}/{place:04}.png" for place, one in enumerate(label)]
    names[3] = HOSTILE
    return pd.DataFrame({"name": names, "label": label, "score": score.astype(float), "kind": kind,
                         "verdict": verdict})


@st.cache_data
def picture(number: int) -> bytes:
    """A JPEG of 128 x 128 pixels with the texture of a photo."""
    small = np.random.default_rng(number).integers(60, 220, (24, 24, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(small).resize((128, 128), Image.Resampling.BICUBIC).save(file, "JPEG", quality=80)
    return file.getvalue()


def addresses(names: list[str]) -> list[str]:
    """Where 16 pictures lie, by turns; of the hostile name nothing is there."""
    if not runtime.exists():  # a test reads this file for its images
        return [""] * len(names)
    manager = runtime.get_instance().media_file_mgr
    made = [manager.add(picture(number), "image/jpeg", f"picture{number}") for number in range(16)]
    return ["/pictures/none" if name == HOSTILE else made[place % 16] for place, name in enumerate(names)]


def released(low: float, high: float) -> None:
    if "digits" in st.query_params:
        low, high = (round(value, int(st.query_params["digits"])) for value in (low, high))
    st.session_state["point"] = (low, high)
    st.session_state["releases"] = st.session_state.get("releases", 0) + 1


def chosen(name: str) -> None:
    st.session_state["image"] = name
    st.session_state["choices"] = st.session_state.get("choices", 0) + 1


started = time.perf_counter()
what = st.query_params
table = images(int(what.get("n", 200)))
if what.get("labels") == "none":
    table = table.assign(label=-1, kind="")
elif what.get("labels") == "good":
    table = table[table["label"] == 0].reset_index(drop=True)
zone = what.get("zone") != "none"
low, high = st.session_state.setdefault("point", (1.5 if zone else 2.0, 2.0))
named = [
    Named("good_p99", 1.93, "99 % of good images", "held out"), Named("f1_max", 2.05, "F1-max (oracle)"),
    Named("fpr", 1.7, "false positive rate 5 %"), Named("hostile", 3.5, HOSTILE),
]  # fmt: skip
st.session_state["reruns"] = st.session_state.get("reruns", 0) + 1
if what.get("show") != "gallery":
    shown = Scores(table["score"], table["label"])
    unit = "images"
    if what.get("level") == "pixel":
        edges, unit = np.linspace(0, 6, 241), "pixels"
        good, bad = (np.histogram(table["score"][table["label"] == one], edges)[0] * 997 for one in (0, 1))
        shown = Counts(edges, good, bad)
    operating_point(shown, low, high, key="point_drawn", label="Image threshold", named=named, unit=unit,
                    log_counts=unit == "pixels", zone=zone, on_release=released)
if what.get("show") != "point":
    image = st.session_state.setdefault("image", table["name"][int(what.get("at", 0))])
    columns = Thumbnails(table["name"].tolist(), table["score"].to_numpy(), table["label"].to_numpy(),
                         table["kind"].tolist(), addresses(table["name"].tolist()),
                         table["verdict"].tolist())
    gallery(columns, image, key="gallery_drawn", label="Test images", thresholds=(low, high), on_choose=chosen,
            follows="point_drawn", layout="strip" if what.get("layout") == "strip" else "grid")
counts = confusion(table["label"], table["score"], high)
told = {name: st.session_state.get(name) for name in ("point", "image", "releases", "choices", "reruns")}
told |= {"found": counts.tp, "false_alarms": counts.fp, "seconds": time.perf_counter() - started}
with st.container(key="told"):
    st.text(json.dumps(told))
