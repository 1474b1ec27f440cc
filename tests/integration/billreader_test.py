"""The bill reader as a person runs it: what it says of good and of hostile documents, and that it survives them all."""
import json
import pathlib
import subprocess
import tempfile
import unittest

import billreader_files as files
from frame import EXAMPLES, BUILD

PROGRAM = BUILD / "src/billreader/portdesk-billreader"

ENGINES = {"none"}  # no database of the product is in these tests


def ok(kind, pages=1, encrypted=False, active=False):
    return {"result": "ok", "type": kind, "pages": pages, "encrypted": encrypted, "active_content": active}


def refused(reason, kind):
    return {"result": "refused", "reason": reason, "type": kind}


JAVASCRIPT = b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"
EMBEDDED = b"/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>"
LAUNCH = b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(calc.exe)>>>>]"

# name, the document, what is said of it
CASES = [
    ("a plain PDF", files.pdf_file(files.pdf()), ok("pdf")),
    ("a PDF after a line of the printer's own", files.pdf_file(files.pdf(), header=b"\x1b%-12345X\n%PDF-1.4\n"), ok("pdf")),
    ("200 pages", files.pdf_file(files.pdf(pages=200)), ok("pdf", pages=200)),
    ("201 pages", files.pdf_file(files.pdf(pages=201)), refused("too_many_pages", "pdf")),
    ("a page of 200 inches", files.pdf_file(files.pdf(box=b"0 0 14400 100")), ok("pdf")),
    ("a page of a million points", files.pdf_file(files.pdf(box=b"0 0 1000000 1000000")), refused("too_many_pixels", "pdf")),
    ("a password", files.pdf_encrypted(b"secret"), refused("encrypted", "pdf")),
    ("restricted by its owner only", files.pdf_encrypted(b""), ok("pdf", encrypted=True)),
    ("a script", files.pdf_file(files.pdf(catalog=JAVASCRIPT)), ok("pdf", active=True)),
    ("an embedded file", files.pdf_file(files.pdf(catalog=EMBEDDED, extra=[
        b"<</Type/Filespec/F(a.exe)/EF<</F 5 0 R>>>>", files.stream(b"MZ", b"/Type/EmbeddedFile")])), ok("pdf", active=True)),
    ("a link that starts a program", files.pdf_file(files.pdf(page=LAUNCH)), ok("pdf", active=True)),
    ("an action in a compressed stream", files.pdf_with_hidden_launch(), ok("pdf", active=True)),
    ("a page tree that is its own kid", files.pdf_file([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[2 0 R]>>"]), refused("broken", "pdf")),
    ("a count without pages", files.pdf_file([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 3/Kids[]>>"]), refused("broken", "pdf")),
    ("arrays in arrays", files.pdf_file([
        b"<</Type/Catalog/Pages 2 0 R>>", b"[" * 100_000]), refused("broken", "pdf")),
    ("a PDF cut off", (EXAMPLES / "sample-bill.pdf").read_bytes()[:12_000], refused("broken", "pdf")),
    ("only a PDF's header", b"%PDF-1.7\n", refused("broken", "pdf")),
    ("a JPEG", files.JPEG, ok("jpeg")),
    ("a JPEG with a camera maker's trailer", files.JPEG + b"SEFT" * 1000, ok("jpeg")),
    ("a JPEG cut in half", files.JPEG[:len(files.JPEG) - 30], refused("broken", "jpeg")),
    ("a JPEG's first bytes", files.JPEG[:40], refused("broken", "jpeg")),
    ("a JPEG of giant size", files.jpeg_of_size(65000, 65000), refused("too_many_pixels", "jpeg")),
    ("a PNG", files.png_plain(40, 30), ok("png")),
    ("a PNG of giant size", files.png(30000, 30000, depth=1, color=0), refused("too_many_pixels", "png")),
    ("a PNG of the largest number", files.png(2**31 - 1, 2**31 - 1), refused("too_many_pixels", "png")),
    ("a PNG without a size", files.png(0, 10), refused("broken", "png")),
    ("a PNG without its pixels", files.png(1000, 1000), refused("broken", "png")),
    ("a PNG cut off", files.png_plain(300, 300)[:200], refused("broken", "png")),
    ("nothing", b"", refused("empty", "unknown")),
    ("more than 10 MB", files.pdf_file(files.pdf()) + b"\n" * files.MAX_BYTES, refused("too_large", "unknown")),
    ("a web page", b"\xef\xbb\xbf\n <!DOCTYPE html><p>%PDF-1.4", refused("unknown_type", "html")),
    ("a Word document", files.archive("[Content_Types].xml", "word/document.xml"), refused("unknown_type", "office")),
    ("an archive", files.archive("bill.pdf"), refused("unknown_type", "zip")),
    ("a phone's HEIC photo", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", refused("unknown_type", "heic")),
    ("a TIFF", b"II*\0\x08\0\0\0\0\0", refused("unknown_type", "tiff")),
    ("a GIF", b"GIF89a\x01\0\x01\0\0\0\0;", refused("unknown_type", "gif")),
    ("a mail", b"Return-Path: <a@b.example>\r\nSubject: bill\r\n\r\n", refused("unknown_type", "mail")),
    ("a program", b"MZ\x90\0\x03\0\0\0", refused("unknown_type", "program")),
    ("a text", b"Account number 942118306\n", refused("unknown_type", "text")),
    ("noise", bytes(range(1, 256)) * 4, refused("unknown_type", "unknown")),
]


class Reader(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name)

    def read(self, document, *options):
        """The answer, the preview's bytes and the exit code."""
        path, preview = self.folder / "document", self.folder / "preview.png"
        path.write_bytes(document)
        preview.unlink(missing_ok=True)
        done = subprocess.run([PROGRAM, *options, "--preview", preview, path], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout.count("\n"), 1)
        return json.loads(done.stdout), preview.read_bytes() if preview.exists() else None, done.returncode

    def test_every_document_is_told_for_what_it_is(self):
        for name, document, expected in CASES:
            with self.subTest(name):
                answer, preview, code = self.read(document)
                size = answer.pop("preview", None)
                self.assertEqual(answer, expected)
                self.assertEqual(code, 0 if expected["result"] == "ok" else 1)
                if expected["result"] != "ok":
                    self.assertIsNone(size)
                    self.assertIsNone(preview)
                    continue
                self.assertEqual(size["bytes"], len(preview))
                self.assertEqual(preview[16:24], size["width"].to_bytes(4, "big") + size["height"].to_bytes(4, "big"))
                self.assertLessEqual(max(size["width"], size["height"]), 1600)

    def test_the_sample_bill(self):
        answer, preview, code = self.read((EXAMPLES / "sample-bill.pdf").read_bytes())
        self.assertEqual((code, answer["type"], answer["pages"]), (0, "pdf", 2))
        self.assertEqual((answer["preview"]["width"], answer["preview"]["height"]), (1236, 1600))
        width, height, pixel = files.png_pixels(preview)
        self.assertEqual(pixel(2, 2), (255, 255, 255))
        colors = {pixel(x, y) for x in range(90, 300, 3) for y in range(90, 150, 3)}
        self.assertGreater(len(colors), 3, "the carrier's name is not on the page")

    def test_a_page_is_drawn(self):
        _, preview, _ = self.read(files.pdf_file(files.pdf()))
        width, height, pixel = files.png_pixels(preview)
        self.assertEqual((pixel(width // 2, height // 2), pixel(10, 10)), ((0, 0, 255), (255, 255, 255)))
        _, preview, _ = self.read(files.pdf_encrypted(b""))
        width, height, pixel = files.png_pixels(preview)
        self.assertEqual(pixel(width // 2, height // 2), (0, 0, 255))

    def test_photos_are_turned_upright(self):
        # where the red quarter stands: left or right, upper or lower; and whether the picture lies or stands
        corners = {1: (0, 0, 48), 2: (1, 0, 48), 3: (1, 1, 48), 4: (0, 1, 48), 5: (0, 0, 32), 6: (1, 0, 32), 7: (1, 1, 32),
                   8: (0, 1, 32)}
        for orientation, (right, lower, across) in corners.items():
            with self.subTest(orientation=orientation):
                _, preview, _ = self.read(files.jpeg_turned(orientation))
                width, height, pixel = files.png_pixels(preview)
                self.assertEqual((width, height), (across, 80 - across))
                red = {(x, y) for x in (0, 1) for y in (0, 1)
                       if pixel((2 * x + 1) * width // 4, (2 * y + 1) * height // 4)[1] < 100}
                self.assertEqual(red, {(right, lower)})

    def test_what_is_transparent_is_paper(self):
        _, preview, _ = self.read(files.png_clear(20, 20))
        self.assertEqual(set(files.png_pixels(preview)[2](10, 10)), {255})

    def test_a_large_picture_is_made_smaller(self):
        answer, _, _ = self.read(files.png_plain(3200, 100))
        self.assertEqual((answer["preview"]["width"], answer["preview"]["height"]), (1600, 50))
        answer, _, _ = self.read(files.png_plain(2, 5000))
        self.assertEqual((answer["preview"]["width"], answer["preview"]["height"]), (1, 1600))

    def test_what_draws_for_ever_is_stopped(self):
        answer, preview, code = self.read(files.pdf_bomb(), "--seconds", "1")
        self.assertEqual((answer["result"], answer["reason"], code, preview), ("refused", "timeout", 1, None))

    def test_every_cut_of_a_document_gets_an_answer(self):
        for name, whole in (("pdf", files.pdf_file(files.pdf())), ("jpeg", files.jpeg_turned(6)), ("png", files.png_plain(9, 9))):
            for length in range(1, len(whole), max(1, len(whole) // 12)):
                with self.subTest(f"{name} of {length} bytes"):
                    answer, _, _ = self.read(whole[:length])
                    self.assertNotEqual(answer.get("reason"), "killed")

    def test_usage(self):
        for arguments in ([], ["--nothing"], ["--seconds", "0", "x"], ["a", "b"], ["--zygote", "x"]):
            with self.subTest(arguments):
                done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn("usage", done.stderr)
        done = subprocess.run([PROGRAM, self.folder / "absent"], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (2, ""))


if __name__ == "__main__":
    unittest.main()
