"""Start a program on a terminal, type lines from standard input, and print all that the terminal shows.

Arguments: the program. A line is typed when the program has been silent for a moment, as a person does; at the end of the lines the
terminal sends end of file.
"""

import os
import pty
import select
import sys


def shown(terminal, wait):
    """Give what the terminal shows until it is silent for some seconds; None once it is closed."""
    text = b""
    while select.select([terminal], [], [], wait)[0]:
        try:
            got = os.read(terminal, 65536)
        except OSError:
            return text or None
        if not got:
            return text or None
        text += got
    return text


def main():
    lines = sys.stdin.read().splitlines()
    child, terminal = pty.fork()
    if not child:
        os.environ["TERM"] = "dumb"
        os.execvp(sys.argv[1], sys.argv[1:])
    screen = b""
    while not screen.rstrip().endswith((b">>>", b":")):
        got = shown(terminal, 5)
        if got is None:
            break
        screen += got
    for line in lines:
        os.write(terminal, line.encode() + b"\n")
        mark = len(screen)
        while not screen[mark:].rstrip().endswith((b">>>", b":")):
            got = shown(terminal, 0.2)
            if got is None:
                break
            screen += got
    os.write(terminal, b"\x04\x04y\n")
    for _ in range(20):
        got = shown(terminal, 0.5)
        if got is None:
            break
        screen += got
    os.kill(child, 9)
    os.waitpid(child, 0)
    sys.stdout.buffer.write(screen)


main()
