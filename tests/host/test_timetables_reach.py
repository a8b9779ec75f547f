"""Which IP addresses are on the public internet and which are near, or nowhere."""

import pytest
from bioklok.timetables.reach import is_public

NEAR = """
    0.0.0.0 0.1.2.3 10.1.2.3 100.64.0.1 100.127.255.255 127.0.0.1 127.9.9.9 169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1
    203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
    64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1::
    2002:808:808:: 3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 2606:4700::1111%eth0
    fec0::1 ff02::1 ff0e::1
    localhost 1 127.1 0x7f000001 08.8.8.8
"""


@pytest.mark.parametrize("ip", NEAR.split())
def test_what_is_near_or_nowhere_is_not_reached(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["8.8.8.8", "145.100.1.1", "2606:4700:4700::1111", "2a00:1450::8a"])
def test_what_is_public_is_reached(ip: str) -> None:
    assert is_public(ip)
