"""Which readers still read a code after what happened to it: ours beside `qrcode`'s default picture.

Ours are black as that one is; another is blue, to show what a colour costs: in a deep shadow, and with contrast lost,
it is the first that zxing-cpp takes for paper.
"""

import io
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from importlib import import_module

import numpy as np
import qrcode
import zxingcpp
from PIL import Image

from bot.qr import Shape, Style, qr_png
from tests.bench.qr_distort import DISTORTIONS

CODES = 12
CODES_UNDISTORTED = 100  # a reader that stumbles over single codes shows only among many
WIDTH = 640  # pixels, of every picture before it is distorted
Reader = Callable[[np.ndarray], list[str]]


@cache
def installed(name: str) -> bool:
    """Whether a library can be used; says so if not."""
    try:
        import_module(name)
    except ImportError as error:
        print(f"({name} is left out: {error})")
        return False
    return True


def readers() -> dict[str, Reader]:
    """The readers that are installed, as they come."""
    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    found: dict[str, Reader] = {
        "zxing-cpp": lambda gray: [
            code.text for code in zxingcpp.read_barcodes(gray, formats=only, text_mode=zxingcpp.TextMode.Plain)
        ]
    }
    if installed("pyzbar.pyzbar"):
        from pyzbar import pyzbar

        kinds = [pyzbar.ZBarSymbol.QRCODE]
        found["pyzbar"] = lambda gray: [
            code.data.decode("utf-8", "replace") for code in pyzbar.decode(gray, symbols=kinds)
        ]
    if installed("cv2"):
        import cv2

        detector = cv2.QRCodeDetector()
        found["OpenCV"] = lambda gray: [text for text in (detector.detectAndDecode(gray)[0],) if text]
    return found


def _pictures(link: str, logo: bytes) -> dict[str, Image.Image]:
    styles = {
        "ours, plain": Style(),
        "ours, rounded": Style(shape=Shape.ROUNDED),
        "ours, rounded, logo": Style(shape=Shape.ROUNDED, logo=logo),
        "ours, rounded, blue": Style(ink="#123a6b", shape=Shape.ROUNDED),
    }
    made = {
        name: Image.open(io.BytesIO(qr_png(link, title="Café Zimt", amount="€5.00", memo="coffee", style=style)))
        for name, style in styles.items()
    }
    file = io.BytesIO()
    qrcode.make(link).save(file)
    made["qrcode, default"] = Image.open(file)
    return {
        name: picture.convert("RGB").resize(
            (WIDTH, round(WIDTH * picture.height / picture.width)), Image.Resampling.BICUBIC
        )
        for name, picture in made.items()
    }


def robustness(logo: bytes) -> None:
    """Prints reading rates for each kind of distortion, over its strengths and some codes."""
    using = readers()
    random = np.random.default_rng(11)
    letters = list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    hits: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for number in range(CODES_UNDISTORTED):
        link = "https://t.me/tuppence_bot?start=r_" + "".join(random.choice(letters, 16))
        for maker, picture in _pictures(link, logo).items():
            for kind, (distort, strengths) in DISTORTIONS.items():
                if number >= CODES and kind != "nothing":
                    continue
                for strength in strengths:
                    gray = np.asarray(distort(picture, strength).convert("L"))
                    for reader, read in using.items():
                        hits[kind, maker, reader].append(read(gray) == [link])
    _table(hits, list(using))


def _table(hits: dict[tuple[str, str, str], list[bool]], using: list[str]) -> None:
    makers = list(dict.fromkeys(maker for _, maker, _ in hits))
    print(f"read, of 100; for each picture: {', '.join(using)}")
    print(f"{'':22}" + "".join(f"{maker:>22}" for maker in makers))
    for kind in DISTORTIONS:
        cells = ["  ".join(f"{100 * np.mean(hits[kind, maker, reader]):4.0f}" for reader in using) for maker in makers]
        print(f"{kind:22}" + "".join(f"{cell:>22}" for cell in cells))
    cells = [
        "  ".join(
            f"{100 * np.mean([np.mean(hits[kind, maker, reader]) for kind in DISTORTIONS]):4.0f}" for reader in using
        )
        for maker in makers
    ]
    print(f"{'mean':22}" + "".join(f"{cell:>22}" for cell in cells))
