"""An I2C bus with fake chips on it: the methods of machine.I2C that the drivers use."""

EIO = 5
ENODEV = 19
ETIMEDOUT = 110


class Bus:
    """`chips`: objects with ADDRESS, and `read(register, buffer)` and `write(register, data)`, or
    where a chip has no registers `receive(buffer)` and `send(data)`."""

    def __init__(self, *chips):
        self._chips = {chip.ADDRESS: chip for chip in chips}

    def _chip(self, address):
        chip = self._chips.get(address)
        if chip is None:
            raise OSError(ENODEV)  # nobody acknowledges
        return chip

    def readfrom_mem_into(self, address, register, buffer):
        self._chip(address).read(register, buffer)

    def writeto_mem(self, address, register, data):
        self._chip(address).write(register, data)

    def readfrom_into(self, address, buffer):
        self._chip(address).receive(buffer)

    def writeto(self, address, data):
        self._chip(address).send(data)
