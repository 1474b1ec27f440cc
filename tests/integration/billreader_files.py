"""Documents of our own making for the bill reader's tests, good and hostile; nothing but the standard library makes them."""
import base64
import hashlib
import io
import struct
import zipfile
import zlib

MAX_BYTES = 10 * 1024 * 1024

# 48 x 32 pixels, white but for a red upper left quarter.
JPEG = base64.b64decode("""
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxO
UlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09P
T09PT09PT0//wAARCAAgADADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF
BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW
V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi
4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC
AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVm
Z2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq
8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDlaKKK8w+5CveK8Hr3iunDdTw86+x8/wBAooorqPCCiiigAooooAKKKKAP/9k=""")


def jpeg_turned(orientation):
    """As a phone writes it that was held another way: EXIF says how to turn the picture."""
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\0\0" + tiff
    return JPEG[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + JPEG[2:]


def jpeg_of_size(width, height):
    """The same picture that claims another size."""
    at = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:at] + struct.pack(">HH", height, width) + JPEG[at + 4:]


def png_chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width, height, rows=None, depth=8, color=2):
    """A PNG of that size; without rows its picture data is short, as a bomb's header may lie."""
    data = zlib.compress(b"".join(b"\0" + row for row in rows)) if rows else zlib.compress(b"\0" * 64)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
            + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b""))


def png_plain(width, height):
    return png(width, height, [b"\x20\x60\xa0" * width] * height)


def png_clear(width, height):
    """Black, but wholly transparent: it lies on white paper."""
    return png(width, height, [b"\0\0\0\0" * width] * height, color=6)


def png_pixels(image):
    """Width, height and a function that gives the pixel at x, y; for what the reader writes."""
    width, height, depth, color = struct.unpack(">IIBB", image[16:26])
    channels = {0: 1, 2: 3, 6: 4}[color]
    if depth != 8:
        raise ValueError(f"depth {depth}")
    data, at = b"", 8
    while at < len(image):
        size = struct.unpack(">I", image[at:at + 4])[0]
        if image[at + 4:at + 8] == b"IDAT":
            data += image[at + 8:at + 8 + size]
        at += size + 12
    data, before, rows, stride = zlib.decompress(data), bytearray(width * channels), [], width * channels
    for y in range(height):
        kind, row = data[y * (stride + 1)], bytearray(data[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for x in range(stride):
            left = row[x - channels] if x >= channels else 0
            up, corner = before[x], before[x - channels] if x >= channels else 0
            if kind == 4:
                guess = left + up - corner
                add = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
            else:
                add = (0, left, up, (left + up) // 2)[kind]
            row[x] = (row[x] + add) & 255
        rows.append(row)
        before = row
    return width, height, lambda x, y: tuple(rows[y][x * channels:(x + 1) * channels])


def pdf_file(objects, trailer=b"", header=b"%PDF-1.5\n"):
    """A PDF from the bodies of its objects, numbered from 1; the first is the catalog."""
    out, offsets = bytearray(header), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, xref)
    return bytes(out)


def stream(content, dictionary=b""):
    return b"<</Length %d%s>>\nstream\n" % (len(content), dictionary) + content + b"\nendstream"


def pdf(pages=1, box=b"0 0 612 792", catalog=b"", page=b"", content=b"0 0 1 rg 72 72 400 400 re f", extra=()):
    """Objects: 1 catalog, 2 page tree, 3 content, then the extra ones, then the pages."""
    first = 4 + len(extra)
    kids = b" ".join(b"%d 0 R" % (first + i) for i in range(pages))
    one = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Resources<<>>/Contents 3 0 R%s>>" % (box, page)
    return [b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog, b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
            content if b"endstream" in content else stream(content), *extra] + [one] * pages


def rc4(key, data):
    box, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) & 255
        box[i], box[j] = box[j], box[i]
    i = j = 0
    for byte in data:
        i = (i + 1) & 255
        j = (j + box[i]) & 255
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) & 255])
    return bytes(out)


def pdf_encrypted(user_password):
    """Encrypted by the standard handler's first revision; an empty user password opens for everybody."""
    padding = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    rights, file_id = struct.pack("<i", -44), b"0123456789abcdef"
    owner = rc4(hashlib.md5((b"owner" + padding)[:32]).digest()[:5], (user_password + padding)[:32])
    key = hashlib.md5((user_password + padding)[:32] + owner + rights + file_id).digest()[:5]
    user = rc4(key, padding)
    content_key = hashlib.md5(key + (3).to_bytes(3, "little") + b"\0\0").digest()[:10]
    objects = pdf(content=stream(rc4(content_key, b"0 0 1 rg 72 72 400 400 re f")))
    objects.append(b"<</Filter/Standard/V 1/R 2/P -44/O<%s>/U<%s>>>" % (owner.hex().encode(), user.hex().encode()))
    return pdf_file(objects, b"/Encrypt %d 0 R/ID[<%s><%s>]" % ((len(objects),) + (file_id.hex().encode(),) * 2))


def pdf_bomb():
    """Some kilobytes that draw for a very long time."""
    squeezed = zlib.compress(b"q 1 0 0 1 0 0 cm Q\n" * 10_000_000, 9)
    return pdf_file(pdf(content=stream(squeezed, b"/Filter/FlateDecode")))


def pdf_with_hidden_launch():
    """The action stands in a compressed object stream, its name escaped."""
    hidden = zlib.compress(b"9 0 " + b"<</S/#4caunch/F(calc.exe)>>")
    return pdf_file(pdf(extra=[stream(hidden, b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode")]))


def archive(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()
