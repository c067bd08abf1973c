"""How well real photos are read: by us and by others, and by ladders that were learned without the photos they read.

The photos stand for others that nobody here has seen. So the order of the rungs is learned anew on a part of them, with
distorted copies, and tried on the rest: five parts at random, then each source (a library's test set, a kind of
difficulty) in turn. What is read there, and not on all of them at once, is what to expect.
"""

import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from bot.qr import UnreadablePicture, read_qr
from bot.qr.decode import load
from bot.qr.ladder import rungs
from tests.bench import qr_distort as distort
from tests.bench.qr_robust import readers

FOLDER = Path(os.environ.get("QR_PHOTOS", Path(__file__).parents[2] / ".." / "shared" / "qr-photos"))
LADDER_S = 0.12  # an order that is learned costs no more than this on average
COPIES = 3  # distorted, of each photo
FOLDS = 5
PHOTO_WEIGHT = 4  # of a photo as it is, against a distorted copy


@dataclass
class Photo:
    """A picture, what it holds, and what each rung made of it."""

    name: str
    source: str
    accepted: frozenset[str]
    data: bytes
    copy: bool
    times: dict[str, float] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)


def photos() -> None:
    """Prints rates and times on the photos, then the cross-validation."""
    if not (FOLDER / "manifest.json").exists():
        print("(no photos: set QR_PHOTOS to a folder with manifest.json)")
        return
    taken = [
        Photo(entry["file"], entry["source"], frozenset(entry["accept"]), (FOLDER / entry["file"]).read_bytes(), False)
        for entry in json.loads((FOLDER / "manifest.json").read_text())
    ]
    random = np.random.default_rng(2026)
    copies = [
        Photo(photo.name, photo.source, photo.accepted, _distorted(photo.data, random), True)
        for photo in taken
        for _ in range(COPIES)
    ]
    without = [photo for photo in map(_without_code, (*taken, *copies)) if photo is not None]
    for title, pictures in (("photos", taken), ("distorted copies", copies), ("without their code", without)):
        _compared(title, pictures)
    _validated([*taken, *copies])


def _distorted(data: bytes, random: np.random.Generator) -> bytes:
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    changes: tuple[Callable[[Image.Image], Image.Image], ...] = (
        lambda it: distort.turned(it, random.uniform(5, 85)),
        lambda it: distort.tilted(it, random.uniform(10, 50)),
        lambda it: distort.shrunk(it, it.width * random.uniform(0.35, 0.8)),
        lambda it: ImageEnhance.Brightness(it).enhance(random.uniform(0.2, 1.8)),
        lambda it: distort.blurred(it, random.uniform(0.0005, 0.002)),
        lambda it: distort.noisy(it, random.uniform(8, 30)),
        lambda it: distort.shadowed(it, random.uniform(0.4, 0.85)),
        lambda it: distort.faded(it, random.uniform(0.3, 0.8)),
    )
    for change in random.choice(len(changes), size=random.integers(1, 3), replace=False):
        picture = changes[change](picture)
    file = io.BytesIO()
    distort.recompressed(picture).save(file, "JPEG", quality=87)
    return file.getvalue()


def _without_code(photo: Photo) -> Photo | None:
    """The same scene with noise where its code was; None where that could not be found."""
    gray, _ = load(photo.data)
    found = next((codes for _, codes in rungs(gray) if codes), [])
    if not found:
        return None
    picture = Image.fromarray(gray)
    for code in found:
        at = code.position
        corners = (at.top_left, at.top_right, at.bottom_left, at.bottom_right)
        across, down = [corner.x for corner in corners], [corner.y for corner in corners]
        more = (max(across) - min(across)) // 8  # its margin
        box = (min(across) - more, min(down) - more, max(across) + more, max(down) + more)
        blurred = picture.crop(box).filter(ImageFilter.GaussianBlur((box[2] - box[0]) / 8))
        picture.paste(distort.noisy(blurred.convert("RGB"), 20).convert("L"), box[:2])
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=87)
    return replace(photo, data=file.getvalue(), accepted=frozenset())


def _compared(title: str, pictures: list[Photo]) -> None:
    print(f"{title:22}{'read %':>8}{'other texts':>13}{'mean ms':>9}{'longest':>9}")
    using: dict[str, Callable[[bytes], list[str]]] = {"ours": _read}
    for name, reader in readers().items():
        using[name] = lambda data, reader=reader: reader(np.asarray(Image.open(io.BytesIO(data)).convert("L")))
    for name, read in using.items():
        read(pictures[0].data)
        hits, others, times = 0, [], []
        for photo in pictures:
            started = perf_counter()
            texts = read(photo.data)
            times.append((perf_counter() - started) * 1000)
            hits += any(text in photo.accepted for text in texts)
            others += [(photo.name, text) for text in texts if text not in photo.accepted]
        share = 100 * hits / len(pictures)
        print(f"{name:22}{share:8.1f}{len(others):13}{np.mean(times):9.1f}{max(times):9.1f}")
        if name == "ours":
            for photo_name, text in sorted(set(others)):
                print(f"    {photo_name} also says {text[:60]!r}: not in its list; look at it")


def _read(data: bytes) -> list[str]:
    try:
        return list(read_qr(data).texts)
    except UnreadablePicture:
        return []


def _validated(pictures: list[Photo]) -> None:
    for photo in pictures:
        _climb(photo)
    hard = [photo for photo in pictures if "as it is" not in photo.reads]
    easy = len(pictures) - len(hard)
    names = sorted({photo.name for photo in pictures})
    part = dict(zip(names, np.random.default_rng(5).integers(0, FOLDS, len(names)), strict=True))
    print(f"\nladders learned on some photos, tried on others ({easy} of {len(pictures)} need no ladder)")
    print(f"{'left out in turn':22}{'photos %':>10}{'copies %':>10}")
    print(f"{'nothing: all learned':22}" + _rates(pictures, hard, lambda photo: ""))
    print(f"{'a fifth of the photos':22}" + _rates(pictures, hard, lambda photo: str(part[photo.name])))
    print(f"{'each source':22}" + _rates(pictures, hard, lambda photo: photo.source))
    print("order learned on all: " + ", ".join(_learned(hard)))


def _climb(photo: Photo) -> None:
    """Tries every rung, without a limit of time."""
    gray, _ = load(photo.data)
    started = perf_counter()
    for name, codes in rungs(gray):
        photo.times[name] = photo.times.get(name, 0) + perf_counter() - started
        if any(code.valid and code.text in photo.accepted for code in codes):
            photo.reads.add(name)
            if name == "as it is":
                return
        started = perf_counter()


def _learned(hard: list[Photo]) -> list[str]:
    """Rungs by what each reads more per second, as long as there is time."""
    names = sorted({name for photo in hard for name in photo.times})
    cost = {name: float(np.mean([photo.times.get(name, 0) for photo in hard])) for name in names}
    left, order, spent = list(hard), list[str](), 0.0
    while left and names:
        gain = {
            name: sum(1 if photo.copy else PHOTO_WEIGHT for photo in left if name in photo.reads) / cost[name]
            for name in names
        }
        best = max(names, key=lambda name: gain[name])
        spent += cost[best]
        if gain[best] == 0 or spent > LADDER_S:
            break
        order.append(best)
        names.remove(best)
        left = [photo for photo in left if best not in photo.reads]
    return order


def _rates(pictures: list[Photo], hard: list[Photo], group: Callable[[Photo], str]) -> str:
    lost = {True: 0, False: 0}
    groups = sorted({group(photo) for photo in hard})
    for out in groups:
        rest = [photo for photo in hard if group(photo) != out] if len(groups) > 1 else hard
        order = set(_learned(rest))
        for photo in hard:
            if group(photo) == out and not order & photo.reads:
                lost[photo.copy] += 1
    rates = (100 - 100 * lost[copy] / sum(photo.copy == copy for photo in pictures) for copy in (False, True))
    return "".join(f"{rate:10.1f}" for rate in rates)
