"""The pictures that the README shows are there, small, and made of the page by a command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.pictures import BYTES_MAX, DOCS, FILM, MARK, ROOT, STILLS, are_of_this_page, make, page_now
from tests.sandbox.browser import chromium

PAPERS = ("README.md", "docs/decisions.md", "docs/cleared.md", "tests/campaigns/README.md", "tests/bench/README.md")
TARGET = re.compile(r"\]\(([^)#]+)[^)]*\)|src=\"([^\"]+)\"")


@pytest.mark.parametrize("paper", PAPERS)
def test_every_file_that_a_paper_links_to_is_there(paper: str) -> None:
    path = ROOT / paper
    targets = [link or source for link, source in TARGET.findall(path.read_text("utf-8"))]
    assert [one for one in targets if not one.startswith("https://") and not (path.parent / one).exists()] == []


def test_the_readme_shows_a_payment_that_moves_and_three_stills() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert all(f'src="docs/{name}"' in text for name in (FILM, *STILLS))
    assert (DOCS / FILM).stat().st_size < BYTES_MAX
    with Image.open(DOCS / FILM) as film:
        assert getattr(film, "n_frames", 1) > 5
    for name in STILLS:
        with Image.open(DOCS / name) as still:
            assert still.format == "PNG" and still.width > 1000


def test_a_change_of_the_page_is_seen_by_the_mark_beside_its_pictures(tmp_path: Path) -> None:
    for name in (FILM, *STILLS):
        (tmp_path / name).touch()
    (tmp_path / MARK).write_text("0" * 64)
    assert not are_of_this_page(tmp_path)
    (tmp_path / MARK).write_text(page_now())
    assert are_of_this_page(tmp_path)
    (tmp_path / FILM).unlink()
    assert not are_of_this_page(tmp_path)


async def test_no_picture_is_made_where_the_browser_has_boxes_for_emoji(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chromium()
    fonts, into = tmp_path / "fonts.conf", tmp_path / "docs"
    fonts.write_text(f"<fontconfig><dir>{tmp_path}</dir></fontconfig>")
    into.mkdir()
    monkeypatch.setenv("FONTCONFIG_FILE", str(fonts))
    with pytest.raises(pytest.skip.Exception, match="emoji"):
        await make(into)
    assert not list(into.iterdir())
