"""The addresses of pictures are the same in Python and in the browser."""

from __future__ import annotations

import json

import pytest
import streamlit as st

from pages.ui.media import address
from tests.places import ROOT
from tests.test_scripts import deno

SCRIPT = """import { aboutAddress, pictureAddress } from "%s/patchcore_core/views/web/lib/pictures.js";
const pictures = { base: Deno.args[0], keys: ["a", "b"] };
const made = [pictureAddress(pictures, 1, "map"), aboutAddress(pictures, 1), aboutAddress(pictures, 1, { beside: "R" }),
  aboutAddress(pictures, 1, { map: true })];
console.log(JSON.stringify(made));
"""


def test_both_sides_make_the_same_addresses(tmp_path):
    (tmp_path / "made.js").write_text(SCRIPT % ROOT.as_uri())
    done = deno("run", "--quiet", "--no-lock", "--no-remote", "made.js", address.base("RUN"), within=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [address.picture("RUN", 1, "b", "map"), address.about("RUN", 1),
                                       address.about("RUN", 1, "R"),
                                       address.about_training("RUN", 1, with_map=True).replace("training", "test")]


@pytest.mark.parametrize(("configured", "begins"), [("", "/pictures/"), ("tools/a/", "/tools/a/pictures/")])
def test_addresses_lie_below_the_base_path_of_the_server(monkeypatch, configured, begins):
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": configured}.get)
    assert address.base("RUN") == f"{begins}RUN/test"
