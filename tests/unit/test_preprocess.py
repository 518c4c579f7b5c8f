"""Reading pictures of any kind, and what becomes of them on the way to the network."""

import gzip
import io
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageDraw

from fmnist_core.data.preprocess import Prepared, prepare
from fmnist_core.data.reading import FORMATS, MAX_BYTES, MAX_PIXELS, MOST_SCANS, START_OF_SCAN, read_image
from fmnist_core.errors import BlankImage, ImageError

# Pillow warns of damaged metadata, which these tests are full of.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def encode(image: Image.Image, file_format: str, **options) -> bytes:
    """Returns the image as a file's content."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def shirt(paper=WHITE, ink=BLACK, size=280, mode="RGB") -> Image.Image:
    """Draws a filled T-shirt, 0.8 wide and 0.7 high, off the centre of a square."""
    corners = ((0.3, 0.1), (0.6, 0.1), (0.85, 0.3), (0.7, 0.4), (0.65, 0.35), (0.65, 0.8), (0.25, 0.8))
    corners += ((0.25, 0.35), (0.2, 0.4), (0.05, 0.3))
    image = Image.new(mode, (size, size), paper)
    ImageDraw.Draw(image).polygon([(x * size, y * size) for x, y in corners], fill=ink)
    return image


def photo(paper, ink, slope=0.0, noise=4.0, seed=0) -> Image.Image:
    """Takes the T-shirt under a light that falls off to the right by `slope`, with noise, through JPEG."""
    pixels = np.asarray(shirt(paper, ink), dtype=float)
    pixels = pixels * np.linspace(1, 1 - slope, 280)[None, :, None]
    pixels += np.random.default_rng(seed).normal(0, noise, pixels.shape)
    data = encode(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), "JPEG", quality=80)
    return read_image(data)


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Returns the intersection over union of what is bright in two inputs."""
    a, b = first > 60, second > 60
    return np.count_nonzero(a & b) / np.count_nonzero(a | b)


def check(prepared: Prepared) -> None:
    """Asserts all that is promised of any prepared picture."""
    assert prepared.image.shape == (28, 28)
    assert prepared.image.dtype == np.uint8
    assert prepared.image.max() == 255
    names = [step.name for step in prepared.steps]
    drawn_anew = ["One pen"] if "One pen" in names else []
    assert names == [
        "Your picture",
        "Background found",
        "Bright on black",
        *drawn_anew,
        "Cropped and centred",
        "28×28",
    ]
    for step in prepared.steps:
        assert step.image.dtype == np.uint8
        assert step.image.ndim == 2 or step.image.shape[2:] == (3,)
        assert min(step.image.shape[:2]) >= 1 and max(step.image.shape[:2]) <= 280
        assert step.explanation.endswith(".")


PICTURE = shirt(size=90)
FILES = {
    "png": encode(PICTURE, "PNG"),
    "jpeg": encode(PICTURE, "JPEG", quality=95),
    "progressive jpeg": encode(PICTURE, "JPEG", progressive=True),
    "webp": encode(PICTURE, "WEBP", lossless=True),
    "bmp": encode(PICTURE, "BMP"),
    "gif": encode(PICTURE, "GIF"),
    "tiff": encode(PICTURE, "TIFF"),
    "lzw tiff": encode(PICTURE, "TIFF", compression="tiff_lzw"),
}


# Reading: what is taken


@pytest.mark.parametrize("kind", FILES)
def test_every_format_is_read(kind):
    image = read_image(FILES[kind])
    assert image.size == (90, 90)
    difference = np.abs(np.asarray(image.convert("L"), dtype=int) - np.asarray(PICTURE.convert("L")))
    assert difference.mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_rotation_is_applied(file_format, orientation):
    upright = Image.new("L", (48, 32), 0)
    upright.paste(255, (0, 0, 24, 16))
    # What the camera stores, so that showing it in the given orientation makes it upright.
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = read_image(encode(stored, file_format, exif=exif)).convert("L")
    assert image.size == (48, 32)
    assert np.abs(np.asarray(image, dtype=int) - np.asarray(upright)).mean() < 3


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "JPEG"])
def test_exif_data_that_cannot_be_read_hide_no_picture(file_format):
    image = read_image(encode(PICTURE, file_format, exif=b"Exif\x00\x00" + bytes(range(60, 90))))
    assert image.size == PICTURE.size


def test_a_wrong_tag_hides_no_rotation():
    exif = Image.Exif()
    exif[0x0112], exif[0x0128] = 6, "inch"  # ResolutionUnit, which is a number
    image = read_image(encode(PICTURE.resize((40, 20)), "JPEG", exif=exif))
    assert image.size == (20, 40)


def test_pillow_warns_of_nothing_that_is_refused_in_a_sentence():
    script = (
        "import sys; from fmnist_core.data.reading import read_image; read_image(sys.stdin.buffer.read())"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], input=png(12_000, 12_000), capture_output=True, check=False
    ).stderr.decode()
    assert "12000 × 12000 pixels" in said
    assert "Warning" not in said


def test_first_frame_of_an_animation_is_read():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    for file_format in ("GIF", "WEBP", "TIFF", "PNG"):
        data = encode(frames[0], file_format, save_all=True, append_images=frames[1:])
        red, green, blue = read_image(data).convert("RGB").getpixel((10, 10))
        assert red > 200 and green < 60 and blue < 60, file_format


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_modes_of_png_give_the_same_input(mode):
    expected = prepare(shirt()).image
    image = read_image(encode(shirt().convert(mode), "PNG"))
    assert image.mode in ("L", "RGB", "RGBA")
    assert np.array_equal(prepare(image).image, expected)


def test_cmyk_jpeg():
    image = read_image(encode(shirt().convert("CMYK"), "JPEG", quality=95))
    assert image.mode == "RGB"
    assert overlap(prepare(image).image, prepare(shirt()).image) > 0.95


def test_palette_with_transparency():
    image = shirt(paper=(255, 0, 255)).quantize(4)
    hidden = image.getpixel((0, 0))
    image = read_image(encode(image, "PNG", transparency=hidden))
    assert image.mode == "RGBA"
    assert np.array_equal(prepare(image).image, prepare(shirt()).image)


@pytest.mark.parametrize(
    ("file_format", "dtype", "white"),
    [
        ("PNG", np.uint16, 65535),
        ("PNG", np.uint16, 4095),
        ("TIFF", np.uint16, 65535),
        ("TIFF", np.int32, 255),
        ("TIFF", np.float32, 1),
        ("TIFF", np.float32, 255),
    ],
)
def test_deep_grey_is_scaled_by_the_usual_white(file_format, dtype, white):
    grey = np.asarray(shirt(mode="L", paper=255, ink=0), dtype=float) / 255
    image = read_image(encode(Image.fromarray((grey * white).astype(dtype)), file_format))
    assert image.mode == "L"
    assert np.abs(np.asarray(image) - grey * 255).max() <= 1


def test_a_large_deep_grey_picture_takes_little_memory():
    data = encode(Image.fromarray(np.full((4000, 4000), 30_000, np.uint16)), "PNG")
    assert len(data) < 1_000_000
    tracemalloc.start()
    try:
        read_image(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 200e6


def test_float_tiff_without_numbers_is_blank():
    data = encode(Image.fromarray(np.full((20, 20), np.nan, dtype=np.float32)), "TIFF")
    with pytest.raises(BlankImage):
        prepare(read_image(data))


def test_large_photo_is_reduced():
    image = read_image(encode(shirt(size=2000), "JPEG"))
    assert image.size == (512, 512)
    assert read_image(encode(Image.new("L", (1, 5000)), "PNG")).size == (1, 512)


# Reading: what is turned away


def png(width: int, height: int, colour_type: int = 2) -> bytes:
    """Returns a PNG whose header claims a size, and which holds next to nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("shirt.png", FILES["png"])
    return buffer.getvalue()


def huge_gif() -> bytes:
    """Returns a small GIF whose header claims the largest size there is."""
    data = bytearray(FILES["gif"])
    data[6:10] = struct.pack("<HH", 65535, 65535)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (bytes(MAX_BYTES + 1), "is too large"),
        (zipped(), "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "not a picture"),
        (b"<!doctype html><title>Shirt</title>", "not a picture"),
        (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "not a picture"),
        (encode(PICTURE, "PPM"), "not a picture"),
        (encode(PICTURE, "ICO"), "not a picture"),
        (encode(PICTURE, "JPEG2000"), "not a picture"),
        (png(60_000, 60_000), "too many pixels"),
        (png(4001, 4000), "4001 × 4000 pixels"),
        (png(0, 10), "shirt.png"),
        (png(10, 0), "shirt.png"),
        (png(100, 100), "damaged"),
        (huge_gif(), "too many pixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_turned_away(data, words):
    with pytest.raises(ImageError) as caught:
        read_image(data, "shirt.png")
    message = str(caught.value)
    assert words in message
    assert message.startswith("shirt.png ")
    assert (
        "PNG, JPEG, WebP, BMP, GIF and TIFF" in message and "5 MB" in message and "16 megapixels" in message
    )
    assert message.count(". ") == 0 and message.endswith(".")


def test_a_jpeg_of_very_many_scans_is_not_decoded():
    image = encode(Image.new("L", (64, 64), 99), "JPEG", progressive=True)
    start, end = image.rindex(START_OF_SCAN), image.rindex(b"\xff\xd9")
    repeated = image[:end] + MOST_SCANS * image[start:end] + image[end:]
    assert read_image(image).size == (64, 64)
    with pytest.raises(ImageError, match="minutes to decode: save it anew"):
        read_image(repeated)


def test_size_is_judged_before_anything_is_decoded(monkeypatch):
    def decode(*_):
        raise AssertionError("the pixels were decoded")

    data = encode(Image.new("1", (4001, 4000)), "PNG")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    with pytest.raises(ImageError, match="4001 × 4000"):
        read_image(data)


def test_limits():
    assert MAX_PIXELS == 16_000_000
    assert read_image(encode(Image.new("1", (4000, 4000)), "PNG")).size == (512, 512)
    padded = FILES["jpeg"] + bytes(MAX_BYTES - len(FILES["jpeg"]))
    assert read_image(padded).size == (90, 90)
    assert set(FORMATS) == {"PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"}


@pytest.mark.parametrize("kind", FILES)
def test_truncated_files(kind):
    data = FILES[kind]
    for share in (0.02, 0.1, 0.5, 0.9):
        with pytest.raises(ImageError):
            read_image(data[: int(len(data) * share)], kind)


def test_tiff_with_nonsense_in_its_tags():
    data = FILES["tiff"]
    start = struct.unpack("<I", data[4:8])[0]
    (entries,) = struct.unpack("<H", data[start : start + 2])
    outcomes = set()
    for entry in range(entries):
        for position, value in ((2, 99), (4, 0xFFFF), (8, 0xFF), (11, 0x7F)):
            damaged = bytearray(data)
            damaged[start + 2 + 12 * entry + position] = value & 0xFF
            try:
                outcomes.add(read_image(bytes(damaged)).mode)
            except ImageError:
                outcomes.add("ImageError")
    assert "ImageError" in outcomes
    assert outcomes <= {"ImageError", "L", "RGB", "RGBA"}


@given(st.binary(max_size=300), st.sampled_from([b"", *(data[:12] for data in FILES.values())]))
def test_random_bytes_give_an_image_error(data, start):
    with pytest.raises(ImageError):
        read_image(start + data)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_damaged_files_give_an_image_or_an_image_error(kind, damages):
    data = bytearray(FILES[kind])
    for where, value in damages:
        data[int(where**3 * len(data))] = value
    try:
        image = read_image(bytes(data))
    except ImageError:
        return
    assert image.mode in ("L", "RGB", "RGBA")
    assert min(image.size) >= 1 and max(image.size) <= 512


# Preparing


def test_golden_square():
    """A black square of 100 pixels on white fills the frame, whatever its place: everything is 255."""
    picture = np.full((280, 280), 255, dtype=np.uint8)
    picture[20:120, 150:250] = 0
    image = prepare(picture).image
    assert image.min() == 255


def test_golden_bar_keeps_its_aspect_and_is_centred():
    """A bar three times as high as wide becomes 28 rows and 9 columns, with 10 black columns left of it."""
    picture = np.full((300, 200), 255, dtype=np.uint8)
    picture[30:270, 20:100] = 0
    bright = prepare(picture).image > 127
    columns = np.flatnonzero(bright.any(axis=0))
    assert bright.any(axis=1).all()
    assert (columns[0], columns[-1]) == (10, 18)


@pytest.mark.parametrize(
    ("paper", "ink", "swapped"),
    [
        (WHITE, BLACK, True),
        (BLACK, WHITE, False),
        (WHITE, (255, 230, 0), True),
        ((14, 17, 23), (250, 250, 250), False),
        ((0, 60, 200), (255, 200, 0), False),
        ((0, 130, 0), (255, 60, 60), False),
        ((128, 128, 128), (90, 90, 90), True),
    ],
)
def test_drawings_in_any_colours_give_the_same_input(paper, ink, swapped):
    prepared = prepare(shirt(paper, ink))
    check(prepared)
    assert ("are swapped" in prepared.steps[2].explanation) is swapped
    assert np.abs(prepared.image.astype(int) - prepare(shirt()).image).mean() < 2


@pytest.mark.parametrize("thickness", [1, 3, 6])
def test_a_thin_frame_is_no_background(thickness):
    framed = shirt(size=300)
    ImageDraw.Draw(framed).rectangle((0, 0, 299, 299), outline=BLACK, width=thickness)
    prepared = prepare(framed)
    assert np.abs(prepared.image.astype(int) - prepare(shirt(size=300)).image).mean() < 2
    assert "are swapped" in prepared.steps[2].explanation


def test_a_light_garment_on_nothing_is_the_negative_that_it_is_in_the_data_set():
    garment = np.asarray(shirt().convert("L")) == 0
    light = np.where(np.arange(280) < 126, 190, 230).astype(np.uint8) * np.ones((280, 1), np.uint8)
    cut_out = np.dstack([light, light, light, np.where(garment, 255, 0).astype(np.uint8)])
    on_white = np.where(garment, light, 255).astype(np.uint8)
    image = prepare(cut_out).image
    assert np.array_equal(image, prepare(on_white).image)
    assert image[14, 8] > image[14, 18] > 0  # the darker half is the brighter one


@pytest.mark.parametrize("ink", [BLACK, WHITE, (200, 30, 30), (255, 240, 120), (0, 0, 160)])
def test_transparent_canvas(ink):
    picture = np.array(shirt((0, 0, 0, 0), (*ink, 255), mode="RGBA"))
    assert np.abs(prepare(picture).image.astype(int) - prepare(shirt()).image).mean() < 2


def test_array_and_image_give_the_same_input():
    image = shirt()
    assert np.array_equal(prepare(np.asarray(image)).image, prepare(image).image)
    assert np.array_equal(prepare(np.asarray(image.convert("L"))[..., None]).image, prepare(image).image)
    assert np.array_equal(prepare(np.asarray(image.convert("RGBA"))).image, prepare(image).image)


def test_picture_is_left_as_it_was():
    large = shirt(size=1000)
    before = np.array(large)
    prepare(large)
    assert large.size == (1000, 1000)
    assert np.array_equal(np.array(large), before)


@pytest.mark.parametrize(
    "picture", [np.zeros((4, 4)), np.zeros((0, 4), np.uint8), np.zeros((4, 4, 2), np.uint8)]
)
def test_array_of_another_kind(picture):
    with pytest.raises(ImageError, match="uint8"):
        prepare(picture)


@pytest.mark.parametrize(
    ("paper", "ink"),
    [
        ((245, 243, 240), (40, 50, 90)),
        ((205, 200, 190), (30, 30, 30)),
        ((150, 150, 150), (50, 30, 30)),
        ((90, 130, 200), (40, 30, 30)),
        ((90, 130, 200), (235, 235, 230)),
        ((190, 80, 60), (40, 70, 160)),
        ((28, 28, 30), (215, 210, 205)),
        ((60, 45, 35), (200, 120, 120)),
    ],
)
def test_photos_on_plain_backgrounds(paper, ink):
    prepared = prepare(photo(paper, ink, slope=0.25))
    check(prepared)
    assert overlap(prepared.image, prepare(shirt()).image) > 0.93
    assert np.median(prepared.image[prepare(shirt()).image > 200]) > 100


def test_photo_is_a_negative():
    """Of two garments on one dark table, the black print on the white shirt becomes the brightest part."""
    picture = shirt((60, 60, 60), (220, 220, 220))
    ImageDraw.Draw(picture).rectangle((95, 120, 160, 190), fill=(5, 5, 5))
    pixels = np.asarray(picture, dtype=float) + np.random.default_rng(0).normal(0, 3, (280, 280, 3))
    image = prepare(np.clip(pixels, 0, 255).astype(np.uint8)).image
    assert image[14, 11] > 2 * image[24, 11] > 0


def test_dust_and_the_edge_of_the_table_are_no_garment():
    picture = np.array(photo((230, 228, 220), (40, 50, 90)))
    expected = prepare(picture).image
    picture[250:252, 260:262] = 30
    picture[:, :6] = 60
    assert overlap(prepare(picture).image, expected) > 0.97


def test_garment_may_touch_the_border():
    picture = np.array(photo((230, 228, 220), (40, 50, 90)))[28:225, 14:240]
    assert overlap(prepare(picture).image, prepare(shirt()).image) > 0.9


def test_small_parts_of_a_drawing_are_kept():
    picture = shirt()
    before = prepare(picture).image
    ImageDraw.Draw(picture).ellipse((266, 262, 272, 268), fill=BLACK)
    assert not np.array_equal(prepare(picture).image, before)


@pytest.mark.parametrize(
    "picture",
    [
        np.full((280, 280, 4), 255, dtype=np.uint8),
        np.zeros((280, 280, 4), dtype=np.uint8),
        np.zeros((28, 28), dtype=np.uint8),
        np.full((1, 1, 3), 77, dtype=np.uint8),
        np.full((512, 1), 200, dtype=np.uint8),
    ],
)
def test_blank_pictures(picture):
    with pytest.raises(BlankImage, match="blank"):
        prepare(picture)


@pytest.mark.parametrize("slope", [0, 0.4])
@pytest.mark.parametrize("paper", [(240, 240, 235), (120, 90, 60), (30, 30, 35)])
def test_photo_of_nothing_is_blank(paper, slope):
    with pytest.raises(BlankImage):
        prepare(photo(paper, paper, slope))


def test_blank_image_is_an_image_error():
    assert issubclass(BlankImage, ImageError)


@pytest.mark.parametrize("shape", [(1, 5000), (5000, 1), (4, 5), (3, 2000, 3)])
def test_odd_shapes(shape):
    picture = np.full(shape, 255, dtype=np.uint8)
    picture[shape[0] // 3 : shape[0] // 2 + 1, shape[1] // 3 : shape[1] // 2 + 1] = 0
    check(prepare(picture))


def pictures() -> st.SearchStrategy[np.ndarray]:
    """Arrays of any content, and plain ones with a few rectangles, which are less often blank."""
    shapes = st.tuples(st.integers(1, 64), st.integers(1, 64), st.sampled_from([(), (3,), (4,)])).map(
        lambda parts: (*parts[:2], *parts[2])
    )
    return shapes.flatmap(lambda shape: hnp.arrays(np.uint8, shape, elements=st.integers(0, 255)))


@settings(max_examples=200, deadline=None)
@given(pictures())
def test_any_array_is_blank_or_gives_an_input(picture):
    try:
        prepared = prepare(picture)
    except BlankImage:
        return
    check(prepared)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(4, 64),
    st.integers(4, 64),
    st.integers(0, 255),
    st.integers(0, 255),
    st.floats(0, 0.6),
    st.floats(0, 0.6),
)
def test_any_rectangle_that_stands_out_is_found(height, width, paper, ink, top, left):
    picture = np.full((height, width), paper, dtype=np.uint8)
    rows = slice(1 + int(top * (height - 2)), max(2, height - 1))
    columns = slice(1 + int(left * (width - 2)), max(2, width - 1))
    picture[rows, columns] = ink
    if abs(paper - ink) > 25:
        check(prepare(picture))
    elif abs(paper - ink) < 7:
        with pytest.raises(BlankImage):
            prepare(picture)


# The data set's own images


@pytest.fixture(scope="module")
def images(real_data: Path) -> np.ndarray:
    """The first 2,300 test images, uint8 (2300, 28, 28)."""
    with gzip.open(real_data / "t10k-images-idx3-ubyte.gz") as file:
        return np.frombuffer(file.read(16 + 2300 * 784), dtype=np.uint8, offset=16).reshape(-1, 28, 28)


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("factor", [1, 10])
def test_data_set_images_come_out_as_they_were(images, factor, inverted):
    originals, others = images[:300], images[300:]
    enlarged = np.kron(originals, np.ones((1, factor, factor), dtype=np.uint8))
    outcome = np.array(
        [
            prepare(read_image(encode(Image.fromarray(255 - x if inverted else x), "PNG"))).image
            for x in enlarged
        ]
    )
    difference = np.abs(outcome.astype(int) - originals).mean(axis=(1, 2))
    assert difference.mean() < 0.3
    assert np.mean(difference > 1) < 0.01

    def nearest(queries: np.ndarray) -> np.ndarray:
        a, b = queries.reshape(300, -1).astype(np.float32), others.reshape(2000, -1).astype(np.float32)
        return np.argmin((b**2).sum(axis=1) - 2 * a @ b.T, axis=1)

    assert np.mean(nearest(outcome) == nearest(originals)) > 0.985


def test_data_set_images_on_a_larger_page(images):
    """Smoothly enlarged, dark on a white page, off the centre: found again, give or take the blur."""
    differences = []
    for original in images[:100]:
        page = Image.new("L", (400, 300), 255)
        page.paste(Image.fromarray(255 - original).resize((196, 196), Image.Resampling.BICUBIC), (37, 61))
        outcome = prepare(page).image.astype(int)
        shifted = [np.roll(outcome, (y, x), axis=(0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
        differences.append(min(np.abs(image - original).mean() for image in shifted))
    assert np.mean(differences) < 15
    assert np.max(differences) < 50
