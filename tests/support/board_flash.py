"""Runs in MicroPython: makes the flash of board_on_cable.py, or says what is on it.

Arguments: the file, and "make" or "read". Reading gives one line of JSON: path -> hexadecimal.
"""

import binascii
import json
import os
import sys

import vfs

BLOCK = 4096


class Flash:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.all = memoryview(bytearray(file.read()))

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        buffer[:] = self.all[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        self.all[at : at + len(buffer)] = buffer

    def ioctl(self, operation, argument):
        return {4: len(self.all) // BLOCK, 5: BLOCK}.get(operation, 0)


def walk(folder, found):
    for entry in os.ilistdir("/board" + folder):
        path = folder + "/" + entry[0]
        if entry[1] == 0x4000:
            walk(path, found)
        else:
            with open("/board" + path, "rb") as file:
                found[path[1:]] = binascii.hexlify(file.read()).decode()
    return found


flash = Flash(sys.argv[1])
if sys.argv[2] == "make":
    vfs.VfsLfs2.mkfs(flash)
    with open(sys.argv[1], "wb") as file:
        file.write(flash.all)
else:
    vfs.mount(vfs.VfsLfs2(flash), "/board")
    print(json.dumps(walk("", {})))
