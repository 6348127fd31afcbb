"""Folders are listed once, links do not lead out where they must not, and circles of them end."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from patchcore_core.data.files.tree import Tree, subfolders

Save = Callable[..., Path]


def test_images_and_folders_in_natural_order(tmp_path: Path, save: Save) -> None:
    for name in ("10.png", "2.PNG", ".hidden.png"):
        save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in Tree().images(tmp_path)] == ["2.PNG", "10.png"]
    assert [path.name for path in subfolders(tmp_path)] == ["folder.png"]
    assert [path.name for path in Tree().at(tmp_path).others] == ["notes.txt"]
    assert Tree().images(tmp_path / "nowhere") == []


def test_links_out_of_the_given_folders_are_not_followed(tmp_path: Path, save: Save) -> None:
    save(tmp_path / "secret" / "a.png")
    inside = save(tmp_path / "data" / "b.png").parent
    (inside / "out").symlink_to(tmp_path / "secret")
    (inside / "out.png").symlink_to(tmp_path / "secret" / "a.png")
    (inside / "nowhere.png").symlink_to(tmp_path / "nowhere.png")
    (inside / "in.png").symlink_to(inside / "b.png")
    listing = Tree([inside]).at(inside)
    assert [path.name for path in listing.images] == ["b.png", "in.png"]
    assert listing.folders == ()
    assert [path.name for path in listing.outside] == ["nowhere.png", "out", "out.png"]
    assert Tree([inside]).images(inside / "out") == []
    assert len(Tree().at(inside).images) == 4  # the command line follows them
    assert Tree([f"{tmp_path}/dat"]).images(inside) == []  # a name that only begins alike


def test_circles_of_links_end(tmp_path: Path, save: Save) -> None:
    save(tmp_path / "a" / "b" / "0.png")
    (tmp_path / "a" / "b" / "up").symlink_to("..")
    (tmp_path / "a" / "self").symlink_to("self")
    assert [path.relative_to(tmp_path).as_posix() for path in Tree().below(tmp_path)] == [".", "a", "a/b"]
    assert Tree().holds_images(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_with_an_images_name_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert Tree().at(tmp_path).images == ()
    assert [path.name for path in Tree().at(tmp_path).special] == ["pipe.png"]
