#!/usr/bin/env python3
"""Checks a fixture against its manifest with nothing but Python's standard library.

An independent second opinion: it shares no code with the generator. The digest is left to
`data-gen verify`, as Python has no XXH3; the fixture is read whole.

    python3 check_manifest.py FIXTURE

One line of JSON and exit status 0 when all is as promised; else what is not, and 1.
"""

import json
import re
import sys


def differences(text, manifest):
    """Yields a sentence for every promise that the text breaks."""

    def compare(what, found, promised):
        if found != promised:
            yield "{}: found {}, the manifest says {}".format(what, found, promised)

    ending = {"lf": b"\n", "crlf": b"\r\n"}[manifest["line_ending"]]
    yield from compare("bytes", len(text), manifest["bytes"])
    yield from compare("newlines", text.count(b"\n"), manifest["newlines"])
    yield from compare("line endings", text.count(ending), manifest["newlines"])
    yield from compare("last bytes", text[-len(ending):], ending)
    if manifest["line_ending"] == "lf":
        yield from compare("carriage returns", text.count(b"\r"), 0)

    wide = any(byte > 127 for byte in text)
    yield from compare("wide characters", wide, manifest["alphabet"] == "utf8")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        yield "not UTF-8: {}".format(error)

    matches = sum(1 for _ in re.finditer(manifest["pattern"].encode(), text))
    yield from compare("matches", matches, manifest["matches"])

    for needle in manifest["needles"]:
        name, word = needle["place"], needle["needle"].encode()
        offset = needle.get("offset", -1)
        yield from compare(name + " found forwards", text.find(word), offset)
        yield from compare(name + " found backwards", text.rfind(word), offset)

    replace = manifest["replace"]
    old, new = replace["from"].encode(), replace["to"].encode()
    yield from compare("length of `to`", len(new), len(old))
    yield from compare("`from`", text.count(old), replace["occurrences"])
    yield from compare("`to`", text.count(new), 0)
    replaced = text.replace(old, new)
    yield from compare("`to` after replacing", replaced.count(new), replace["occurrences"])


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_manifest.py FIXTURE")
    path = sys.argv[1]
    try:
        with open(path, "rb") as file:
            text = file.read()
        with open(path + ".manifest.json", "rb") as file:
            manifest = json.load(file)
    except (OSError, ValueError) as error:
        sys.exit("{}: {}".format(path, error))
    found = list(differences(text, manifest))
    if found:
        sys.exit("{}: {}".format(path, "; ".join(found)))
    print(json.dumps({"ok": True, "file": path, "bytes": len(text), "matches": manifest["matches"]}))


if __name__ == "__main__":
    main()
