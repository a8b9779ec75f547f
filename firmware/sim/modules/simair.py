"""The socket between the stand-in `bluetooth` module and the virtual air: operations and framing.

Each frame is u16 length of what follows, u8 operation, payload (little-endian). The other end,
`bioklok.simulator.peripheral`, lists the same operations.
"""

import asyncio
import select
import socket
import struct
import sys

# Plain names, not const(): a test compares them with the other end's.
# device -> air; all but NOTIFY, SET_VALUE and SET_MTU wait for an ANSWER
OP_HELLO = 0x01  # -                       answer: 6-byte address, u8 notify buffers (0: no limit)
OP_REGISTER = 0x02  # services, see encode_services                answer: u16 handles
OP_ADVERTISE = 0x03  # u32 interval_us (0: stop), u8 n, n bytes data, scan response
OP_DISCONNECT = 0x04  # u16 connection                              answer: u8, 1 if there was one
OP_NOTIFY = 0x05  # u16 connection, u16 handle, data
OP_SET_VALUE = 0x06  # u16 handle, data
OP_SET_MTU = 0x07  # u16 largest MTU to agree to
# air -> device
OP_ANSWER = 0x80
OP_CONNECTED = 0x81  # u16 connection, u8 address type, 6-byte address
OP_DISCONNECTED = 0x82  # the same
OP_WRITTEN = 0x83  # u16 connection, u16 handle, data
OP_MTU = 0x84  # u16 connection, u16 MTU
OP_SENT = 0x85  # u16 connection, u16 notifications that have left the queue

_CHUNK_BYTES = 512


class Air:
    """One connection to the air at the socket `path`. Blocks in `send` and `wait` only."""

    def __init__(self, path):
        name = path.encode() + b"\0"
        # struct sockaddr_un begins with its length on macOS, with a 16-bit family elsewhere
        if sys.platform == "darwin":
            address = bytes([len(name) + 2, socket.AF_UNIX]) + name
        else:
            address = struct.pack("<H", socket.AF_UNIX) + name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(address)
        self._socket.setblocking(False)
        self._reader = asyncio.StreamReader(self._socket)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._buffer = b""

    def send(self, op, payload):
        """Write one frame; OSError when the air has gone."""
        out = memoryview(struct.pack("<HB", 1 + len(payload), op) + payload)
        while out:
            sent = self._socket.write(out)
            if sent:
                out = out[sent:]
            else:
                self._poll.modify(self._socket, select.POLLOUT)
                self._poll.poll()
                self._poll.modify(self._socket, select.POLLIN)

    def wait(self):
        """Block until bytes have come and return them; b"" when the air has gone."""
        while True:
            self._poll.poll()
            chunk = self._socket.read(_CHUNK_BYTES)
            if chunk is not None:
                return chunk

    async def read(self):
        """Bytes that have come, as soon as there are some; b"" when the air has gone."""
        return await self._reader.read(_CHUNK_BYTES)

    def frames(self, chunk):
        """Take bytes that came in, return the whole (op, payload) frames there are."""
        buffer = self._buffer + chunk
        found = []
        at = 0
        while len(buffer) - at >= 3:
            end = at + 2 + struct.unpack_from("<H", buffer, at)[0]
            if end > len(buffer):
                break
            found.append((buffer[at + 2], buffer[at + 3 : end]))
            at = end
        self._buffer = buffer[at:]
        return found

    def close(self):
        self._socket.close()


def encode_services(services):
    """One byte count, then UUID, flags (u16) and children of each; UUIDs with their length."""
    out = bytes([len(services)])
    for uuid, characteristics in services:
        out += bytes([len(uuid.data)]) + uuid.data + bytes([len(characteristics)])
        for characteristic in characteristics:
            descriptors = characteristic[2] if len(characteristic) > 2 else ()
            out += _encode_attribute(characteristic) + bytes([len(descriptors)])
            for descriptor in descriptors:
                out += _encode_attribute(descriptor)
    return out


def _encode_attribute(attribute):
    uuid = attribute[0].data
    return bytes([len(uuid)]) + uuid + struct.pack("<H", attribute[1])
