#!/usr/bin/env python3
"""Compiles data files into one C source: embed_data.py OUTPUT HEADERS FUNCTION=PATH...

Each FUNCTION returns the bytes of the file at PATH as a struct text; the HEADERS (with commas between them) declare the functions. So the
programs run without installed files.
"""
import pathlib
import sys


def main(output, headers, *entries):
    lines = ["/* Made by tools/embed_data.py from data/. */"]
    lines += [f'#include "{header}"' for header in headers.split(",")]
    for entry in entries:
        function, _, path = entry.partition("=")
        content = pathlib.Path(path).read_bytes()
        lines += ["", f"static const char {function}_bytes[] = {{"]
        for start in range(0, len(content), 24):
            signed = (byte - 256 if byte > 127 else byte for byte in content[start : start + 24])
            lines.append("    " + " ".join(f"{number}," for number in signed))
        lines += ["};", "", f"struct text {function}(void)", "{"]
        lines += [f"    return (struct text){{{function}_bytes, sizeof {function}_bytes}};", "}"]
    pathlib.Path(output).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
