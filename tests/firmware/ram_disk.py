"""A block device in RAM, of the size of a flash's sectors, whose power goes in a given write."""

BLOCK = 4096
_DEAD = -5  # EIO


class RamDisk:
    """`left`: writes and erases that get through whole, the next one half, then it is dead; -1: no
    end. erases: how often each block was erased."""

    def __init__(self, cells):
        self.cells = cells
        self.left = -1
        self.writes = 0
        self.is_dead = False
        self.erases = [0] * (len(cells) // BLOCK)

    def readblocks(self, block, buffer, offset=0):
        if self.is_dead:
            return _DEAD
        at = block * BLOCK + offset
        buffer[:] = memoryview(self.cells)[at : at + len(buffer)]
        return 0

    def writeblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        n = self._goes_through(len(buffer))
        for i in range(n):
            assert self.cells[at + i] == 0xFF, "programmed without an erase"
            self.cells[at + i] = buffer[i]
        return _DEAD if self.is_dead else 0

    def _erase(self, block):
        n = self._goes_through(BLOCK)
        self.erases[block] += 1
        at = block * BLOCK
        self.cells[at : at + n] = memoryview(_BLANK)[:n]
        return _DEAD if self.is_dead else 0

    def _goes_through(self, n):
        if self.is_dead:
            return 0
        self.writes += 1
        if self.left == 0:
            self.is_dead = True
            return n // 2
        self.left -= 1
        return n

    def ioctl(self, op, arg):
        if op == 4:
            return len(self.cells) // BLOCK
        if op == 5:
            return BLOCK
        return self._erase(arg) if op == 6 else 0


_BLANK = b"\xff" * BLOCK
