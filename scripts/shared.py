"""What the scripts in Python share: how they build, and how they end."""

import os
import pathlib
import subprocess
import sys
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent
BAD_INPUT, NOT_MEASURED = 2, 3


def fail(what, status=NOT_MEASURED):
    """Ends the script. A text given to `sys.exit` ends it with 1, which means that something regressed."""
    print(f"error: {what}", file=sys.stderr)
    sys.exit(status)


def built(tree=ROOT, name="mapmark", target=None):
    """The program that `scripts/build` builds from `tree`, below `target` where one is named."""
    env = dict(os.environ, CARGO_TARGET_DIR=str(target)) if target else None
    # By its name: Windows starts no script by its first line.
    words = ["bash", str(ROOT / "scripts" / "build"), str(tree), name]
    told = subprocess.run(words, env=env, stdout=subprocess.PIPE, text=True, check=False)
    if told.returncode:
        sys.exit(BAD_INPUT)  # it has said why
    return told.stdout.rstrip("\n")


def end(main):
    """Runs `main` and ends with the status that it returns; with 3 where something fails on the way."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # a reader that has seen enough; nothing is to be said at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except (OSError, subprocess.CalledProcessError) as error:
        fail(error)
    except Exception:
        traceback.print_exc()
        status = NOT_MEASURED
    sys.exit(status)
