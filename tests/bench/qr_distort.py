"""What happens to a code between the screen and the reader, each with a strength from 0 (nothing) to 1 (much)."""

import io
from collections.abc import Callable
from math import cos, radians, sin

import numpy as np
from PIL import Image, ImageFilter

GRAY = (128, 128, 128)
DISTANCE = 2.5  # of the camera, in widths of the picture


def recompressed(picture: Image.Image, quality: int = 87) -> Image.Image:
    """As Telegram sends photos: no side above 1,280 pixels, JPEG."""
    picture = picture.convert("RGB")
    picture.thumbnail((1280, 1280), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def tilted(picture: Image.Image, degrees: float) -> Image.Image:
    """Seen by a camera from the side: a true perspective."""
    width, height = picture.size
    angle = radians(degrees)
    seen = []
    for x, y in ((0, 0), (width, 0), (width, height), (0, height)):
        away = 1 + (x - width / 2) * sin(angle) / (DISTANCE * width)
        seen.append((width / 2 + (x - width / 2) * cos(angle) / away, height / 2 + (y - height / 2) / away))
    top = min(y for _, y in seen)
    seen = [(x, y - top) for x, y in seen]
    size = (width, round(max(y for _, y in seen)))
    plane = ((0, 0), (width, 0), (width, height), (0, height))
    rows, values = [], []
    for (x, y), (u, v) in zip(seen, plane, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    coefficients = np.linalg.solve(np.array(rows), np.array(values))
    return picture.transform(
        size, Image.Transform.PERSPECTIVE, tuple(coefficients), Image.Resampling.BICUBIC, fillcolor=GRAY
    )


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    """Turned in the plane."""
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=GRAY)


def blurred(picture: Image.Image, share: float) -> Image.Image:
    """Out of focus, by a share of the width."""
    return picture.filter(ImageFilter.GaussianBlur(share * picture.width))


def noisy(picture: Image.Image, deviation: float) -> Image.Image:
    """Each pixel off by some gray levels, as in little light."""
    values = np.asarray(picture) + np.random.default_rng(1).normal(0, deviation, (picture.height, picture.width, 3))
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def shadowed(picture: Image.Image, share: float) -> Image.Image:
    """The right half loses a share of its light, with a soft edge."""
    across = np.linspace(-8, 8, picture.width)[None, :, None]
    light = 1 - share / (1 + np.exp(-across))
    return Image.fromarray((np.asarray(picture) * light).astype(np.uint8))


def faded(picture: Image.Image, share: float) -> Image.Image:
    """Contrast lost, by a share."""
    values = np.asarray(picture) * (1 - share) + 128 * share
    return Image.fromarray(values.astype(np.uint8))


def covered(picture: Image.Image, share: float) -> Image.Image:
    """A gray disc over a share of the area of the code, beside its middle."""
    values = np.asarray(picture).copy()
    side = picture.width
    y, x = np.mgrid[: picture.height, :side]
    disc = (x - 0.62 * side) ** 2 + (y - 0.62 * side) ** 2 < share * (side * 0.8) ** 2 / np.pi
    values[disc] = GRAY
    return Image.fromarray(values)


def shrunk(picture: Image.Image, width: float) -> Image.Image:
    """To a width in pixels."""
    size = (round(width), round(width * picture.height / picture.width))
    return picture.resize(size, Image.Resampling.BOX)


Distortion = Callable[[Image.Image, float], Image.Image]

DISTORTIONS: dict[str, tuple[Distortion, tuple[float, ...]]] = {
    "nothing": (lambda picture, _: picture, (0,)),
    "Telegram, quality": (lambda picture, quality: recompressed(picture, int(quality)), (87, 50, 20)),
    "blur, share of width": (blurred, (0.004, 0.006, 0.008, 0.010, 0.012, 0.014, 0.016)),
    "tilt, degrees": (tilted, (15, 30, 45)),
    "turn, degrees": (turned, (5, 15, 33, 45, 90, 180)),
    "noise, levels": (noisy, (20, 40, 60, 80, 100, 120)),
    "shadow, share": (shadowed, (0.3, 0.6, 0.8, 0.9)),
    "low contrast, lost": (faded, (0.5, 0.7, 0.8, 0.9, 0.95)),
    "covered, share": (covered, (0.01, 0.03, 0.05, 0.07, 0.09, 0.11)),
    "small, pixels": (shrunk, (320, 240, 200, 160, 140, 120)),
}
