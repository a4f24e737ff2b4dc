"""The Python side of `mapmark claim`: the operations of the tutorials, timed in rounds.

    python3 -I -c SCRIPT ORDER

ORDER is one line of JSON, or the word `probe`. What comes back are JSON lines on standard output:
for `probe`, the interpreter; else a line for each round, with the times of all operations. An answer
that is wrong, and anything that cannot be done, ends the program with one line on standard error.

Needs Python 3.8 and the standard library. It is written so that older ones can still say so.

What is timed is one call of an operation, with `perf_counter_ns`: opening, work, closing, and giving
back what was made, because locals go when a function returns. Answers are checked, counters read and
scratch copies restored between the calls. In rounds the cyclic collector is off, so that it does not
fall into one side by accident; a single shot, as published, leaves it as it was.
"""

import sys

if sys.version_info < (3, 8):
    sys.exit("python %d.%d is too old; 3.8 or newer is needed" % sys.version_info[:2])

import gc
import json
import mmap
import os
import random
import re
import time
import zlib

try:
    import resource
except ImportError:  # not on Windows
    resource = None

# Rounds are thrown away until there were three of them, or for this long. A single call that takes
# longer than `SLOW_NS` is kept at once: first uses are a small part of it.
WARM_UP_ROUNDS, WARM_UP_NS, SLOW_NS = 3, 20000000, 100000000
MOST_ROUNDS = 400
PIECE = 1 << 16


def as_path(told):
    """A path that is not a text is told as numbers: bytes, on Windows of two each."""
    if isinstance(told, str):
        return told
    return bytes(told) if os.name == "posix" else "".join(map(chr, told))


class Job:
    """What every operation needs, made ready outside the clock."""

    def __init__(self, order):
        self.path = order["path"]
        self.offset = order["offset"]
        self.length = order["length"]
        self.text = {key: order[key] for key in ("early", "absent", "from", "to")}
        self.bytes = {key: value.encode() for key, value in self.text.items()}
        self.text_pattern = re.compile(order["pattern"])
        self.bytes_pattern = re.compile(order["pattern"].encode())
        self.kept = bytearray(order["bytes"]) if order["keeps_buffer"] else None


# Read: everything there is.

def text_read(job):
    with open(job.path, "r", encoding="utf-8") as file:
        return len(file.read())


def text_read_plain(job):
    with open(job.path, "r", encoding="utf-8", newline="") as file:
        return len(file.read())


def binary_read(job):
    with open(job.path, "rb") as file:
        return len(file.read())


def readinto(job):
    with open(job.path, "rb", buffering=0) as file:
        return file.readinto(job.kept)


def read_only_map(file):
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def map_read(job):
    with open(job.path, "r", encoding="utf-8") as file, read_only_map(file) as mapped:
        return len(mapped.read())


def map_only(job):
    with open(job.path, "r", encoding="utf-8") as file, read_only_map(file) as mapped:
        return len(mapped)


# Find: where a text begins, or -1.

def text_find(which):
    def operation(job):
        with open(job.path, "r", encoding="utf-8") as file:
            return file.read().find(job.text[which])
    return operation


def binary_find(which):
    def operation(job):
        with open(job.path, "rb") as file:
            return file.read().find(job.bytes[which])
    return operation


def blocks_find(which):
    """Reads block by block and stops at the hit; the end of a block is searched with the next."""
    def operation(job):
        needle = job.bytes[which]
        with open(job.path, "rb", buffering=0) as file:
            start, tail = 0, b""
            while True:
                block = file.read(PIECE)
                if not block:
                    return -1
                held = tail + block
                found = held.find(needle)
                if found >= 0:
                    return start + found
                tail = held[len(held) - len(needle) + 1:]
                start += len(held) - len(tail)
    return operation


def map_find(which):
    def operation(job):
        with open(job.path, "r", encoding="utf-8") as file, read_only_map(file) as mapped:
            return mapped.find(job.bytes[which])
    return operation


# Regular expression: how many matches.

def text_regex(job):
    with open(job.path, "r", encoding="utf-8") as file:
        return len(job.text_pattern.findall(file.read()))


def binary_regex(job):
    with open(job.path, "rb") as file:
        return len(job.bytes_pattern.findall(file.read()))


def map_regex(job):
    with open(job.path, "r", encoding="utf-8") as file, read_only_map(file) as mapped:
        return len(job.bytes_pattern.findall(mapped))


# Seek: some bytes from the middle; `text_seek` reads all that follow, as published.

def text_seek(job):
    with open(job.path, "r", encoding="utf-8") as file:
        file.seek(job.offset)
        return file.read()[:job.length]


def text_seek_few(job):
    with open(job.path, "r", encoding="utf-8") as file:
        file.seek(job.offset)
        return file.read(job.length)


def binary_seek_few(job):
    with open(job.path, "rb") as file:
        file.seek(job.offset)
        return file.read(job.length)


def map_seek(job):
    with open(job.path, "r", encoding="utf-8") as file, read_only_map(file) as mapped:
        mapped.seek(job.offset)
        return mapped.read(job.length)


# Replace: every occurrence, in a scratch copy. Only what says `synced` waits for the device.

def rewrite(job, mode, words, options, synced):
    with open(job.path, mode, **options) as file:
        content = file.read()
        changed = content.replace(words["from"], words["to"])
        file.seek(0)
        file.write(changed)
        if synced:
            file.flush()
            os.fsync(file.fileno())


def text_replace(job):
    rewrite(job, "r+", job.text, {"encoding": "utf-8"}, False)


def text_replace_synced(job):
    rewrite(job, "r+", job.text, {"encoding": "utf-8"}, True)


def binary_replace(job):
    rewrite(job, "r+b", job.bytes, {}, False)


def overwrite_mapped(job, synced):
    old, new = job.bytes["from"], job.bytes["to"]
    with open(job.path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        found = mapped.find(old)
        while found >= 0:
            mapped[found:found + len(new)] = new
            found = mapped.find(old, found + len(new))
        if synced:
            mapped.flush()


def map_replace(job):
    overwrite_mapped(job, True)


def map_replace_unsynced(job):
    overwrite_mapped(job, False)


# Each operation with the name of the answer it has to give; those that give none change the file.
OPERATIONS = {
    "text_read": (text_read, "bytes"),
    "text_read_plain": (text_read_plain, "bytes"),
    "binary_read": (binary_read, "bytes"),
    "readinto": (readinto, "bytes"),
    "map_read": (map_read, "bytes"),
    "map_only": (map_only, "bytes"),
    "text_find": (text_find("early"), "early_at"),
    "text_find_absent": (text_find("absent"), "absent_at"),
    "binary_find": (binary_find("early"), "early_at"),
    "binary_find_absent": (binary_find("absent"), "absent_at"),
    "blocks_find": (blocks_find("early"), "early_at"),
    "map_find": (map_find("early"), "early_at"),
    "map_find_absent": (map_find("absent"), "absent_at"),
    "text_regex": (text_regex, "matches"),
    "binary_regex": (binary_regex, "matches"),
    "map_regex": (map_regex, "matches"),
    "text_seek": (text_seek, "piece"),
    "text_seek_few": (text_seek_few, "piece"),
    "binary_seek_few": (binary_seek_few, "piece"),
    "map_seek": (map_seek, "piece"),
    "text_replace": (text_replace, None),
    "text_replace_synced": (text_replace_synced, None),
    "binary_replace": (binary_replace, None),
    "map_replace": (map_replace, None),
    "map_replace_unsynced": (map_replace_unsynced, None),
}


def pieces(file):
    return iter(lambda: file.read(PIECE), b"")


def restore(order):
    """Writes the pristine bytes over the copy, in small pieces so that no large buffer is left to
    the allocator, and waits until they are stored."""
    with open(order["pristine"], "rb") as source, open(order["path"], "r+b") as copy:
        for piece in pieces(source):
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())


def check(name, wanted, answer, order):
    if wanted is None:
        answer, right = 0, order["outcome"]
        with open(order["path"], "rb") as copy:
            for piece in pieces(copy):
                answer = zlib.crc32(piece, answer)
    else:
        right = order[wanted]
        if wanted == "piece":
            right = right.encode()
            answer = answer.encode() if isinstance(answer, str) else bytes(answer)
    if answer != right:
        sys.exit("wrong answer of %s: %r instead of %r" % (name, answer, right))


def minor_faults():
    """Those of this process so far."""
    return None if resource is None else resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def timed(name, job, order):
    operation, wanted = OPERATIONS[name]
    if wanted is None and not order.pop("restored", False):
        restore(order)
    before = minor_faults()
    start = time.perf_counter_ns()
    answer = operation(job)
    elapsed = time.perf_counter_ns() - start
    after = minor_faults()
    check(name, wanted, answer, order)
    return max(elapsed, 1), None if before is None else after - before


def one_round(names, turns, job, order, settle=False):
    took = {}
    for name in turns:
        if settle:
            timed(name, job, order)
        took[name] = timed(name, job, order)
    return {
        "ns": [took[name][0] for name in names],
        "faults": None if resource is None else [took[name][1] for name in names],
    }


def stretch(told, draw, job, order):
    """Rounds of some operations: each once a round, in an order drawn anew or always the same; where
    they settle, each is called once before it is timed, so that it meets the memory it left itself."""
    names = told["ops"]
    if told["once"]:
        return [one_round(names, names, job, order)]
    rounds, thrown, spent, end = [], 0, 0, None
    while end is None or len(rounds) < told["fewest"] or time.perf_counter_ns() < end:
        turns = draw.sample(names, len(names)) if told["shuffle"] else names
        took = one_round(names, turns, job, order, told["settle"])
        if end is None:
            thrown += 1
            spent += sum(took["ns"])
            slow = max(took["ns"]) > SLOW_NS
            if slow or thrown >= WARM_UP_ROUNDS or spent > WARM_UP_NS:
                # A round that is kept is part of the time.
                end = time.perf_counter_ns() + (0 if slow else told["time_ms"] * 1000000)
            if not slow:
                continue
        rounds.append(took)
        if len(rounds) >= MOST_ROUNDS:
            break
    return rounds


def probe():
    import platform
    import sysconfig

    try:
        allocator = os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, ValueError, OSError):
        allocator = None
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "build": " ".join(platform.python_build() + (platform.python_compiler(),)),
        "allocator": allocator,
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "executable": sys.executable,
    }


def main():
    if sys.argv[-1] == "probe":
        print(json.dumps(probe()))
        return
    order = json.loads(sys.argv[-1])
    for key in ("path", "pristine"):
        order[key] = as_path(order[key])
    told = order["stretches"]
    for name in (name for one in told for name in one["ops"]):
        if name not in OPERATIONS:
            sys.exit("unknown operation %s" % name)
    job, draw = Job(order), random.Random(order["seed"])
    if not all(one["once"] for one in told):
        gc.collect()
        gc.disable()
    for number, one in enumerate(told):
        for took in stretch(one, draw, job, order):
            took["stretch"] = number
            print(json.dumps(took))


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # one line is all that is read of it
        sys.exit("%s: %s" % (type(error).__name__, error))
