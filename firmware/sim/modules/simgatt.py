"""What the stand-in `bluetooth` module keeps of a GATT server: values and connections."""

from micropython import const

_DEFAULT_BUFFER_BYTES = const(20)
_DEFAULT_MTU = const(23)


class Value:
    """The buffer of one characteristic or descriptor."""

    def __init__(self):
        self.size = _DEFAULT_BUFFER_BYTES
        self.append = False
        self.data = b""

    def put(self, data):
        """A write from outside: what does not fit is cut without a word."""
        old = self.data if self.append else b""
        self.data = (old + data)[: self.size]


class Connection:
    """One central; `peer` is (address type, address)."""

    def __init__(self, peer, notify_buffers):
        self.peer = peer
        self.mtu = _DEFAULT_MTU
        self.free_buffers = notify_buffers
