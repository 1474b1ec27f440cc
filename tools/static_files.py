#!/usr/bin/env python3
"""Embeds the files of one folder into the program: static_files.py OUT.c [--header=web/static_files.h] FILE... writes `static_files`, sorted by name, each with
its type, the hash that its address carries (as tools/templates.py does), and its bytes, plain and gzipped where that helps."""
import gzip
import hashlib
import pathlib
import sys

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
         ".png": "image/png", ".woff2": "font/woff2"}


def array(name, data):
    rows = [", ".join(str(byte) for byte in data[at:at + 32]) for at in range(0, len(data), 32)]
    return [f"static const unsigned char {name}[] = {{"] + [f"    {row}," for row in rows] + ["};"]


def main(source, *paths):
    header = "web/static_files.h"
    if paths[0].startswith("--header="):
        header, paths = paths[0].removeprefix("--header="), paths[1:]
    lines = ["/* Made by tools/static_files.py. */", f'#include "{header}"', ""]
    table = []
    for number, path in enumerate(sorted(map(pathlib.Path, paths), key=lambda path: path.name)):
        if path.suffix not in TYPES:
            sys.exit(f"{path}: a file of this kind has no type in tools/static_files.py")
        data = path.read_bytes()
        if not data:
            sys.exit(f"{path}: is empty")
        packed = gzip.compress(data, 9, mtime=0)
        lines += array(f"file_{number}", data)
        gzip_fields = "NULL, 0"
        if len(packed) < len(data) * 9 // 10:
            lines += array(f"file_{number}_gz", packed)
            gzip_fields = f"file_{number}_gz, sizeof file_{number}_gz"
        digest = hashlib.sha256(data).hexdigest()[:12]
        table.append(f'    {{"{path.name}", "{TYPES[path.suffix]}", "{digest}", file_{number}, sizeof file_{number}, {gzip_fields}}},')
    lines += ["", "const struct static_file static_files[] = {"] + table + ["};"]
    lines += [f"const size_t static_files_count = {len(table)};", ""]
    pathlib.Path(source).write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
