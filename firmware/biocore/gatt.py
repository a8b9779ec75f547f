"""The Bioklok's GATT service and its advertisement: every UUID stands here and nowhere else.

Sizes: Bluetooth Core Specification, volume 3, part C, section 11 (31 bytes of advertising data).
"""

SERVICE_UUID = "b10c0001-7a1e-4b1d-9c0e-5a4d3e2f1a00"
# host -> device: write with or without response
RX_UUID = "b10c0002-7a1e-4b1d-9c0e-5a4d3e2f1a00"
# device -> host: notifications
TX_UUID = "b10c0003-7a1e-4b1d-9c0e-5a4d3e2f1a00"

DEFAULT_MTU = 23
WANTED_MTU = 247
ATT_OVERHEAD_BYTES = 3  # opcode and handle of a notification or a write

COMPANY_ID = 0xFFFF  # for tests and prototypes; a company number costs membership
TAG_BYTES = 6


def uuid_le(uuid):
    """The 16 bytes of a UUID string in the order in which the air wants them (little-endian)."""
    digits = uuid.replace("-", "")
    return bytes([int(digits[i : i + 2], 16) for i in range(30, -1, -2)])


def advertisement(tag):
    """Return the 31 bytes of advertising data: flags, service, and a 6-byte tag. No name.

    The tag must not identify the device over time: nobody may follow a child by it.
    """
    if len(tag) != TAG_BYTES:
        raise ValueError("tag has %d bytes, wants %d" % (len(tag), TAG_BYTES))
    return (
        b"\x02\x01\x06"  # LE general discoverable, no BR/EDR
        + b"\x11\x07"
        + uuid_le(SERVICE_UUID)
        + b"\x09\xff"
        + COMPANY_ID.to_bytes(2, "little")
        + tag
    )
