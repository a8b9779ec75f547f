"""Published vectors on both interpreters, and what a wrong bit does."""

from binascii import hexlify, unhexlify

from biocore import crypto
from biocore._primitives import equal, hmac_sha256
from biocore.errors import DamagedData


def h(text):
    return unhexlify(text.replace(" ", "").replace("\n", ""))


# RFC 4231, sections 4.2 to 4.8 (case 5 is for truncated output)
RFC_4231 = (
    (
        "0b" * 20,
        hexlify(b"Hi There").decode(),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    (
        hexlify(b"Jefe").decode(),
        hexlify(b"what do ya want for nothing?").decode(),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        "aa" * 20,
        "dd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        "0102030405060708090a0b0c0d0e0f10111213141516171819",
        "cd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
    (
        "aa" * 131,
        hexlify(b"Test Using Larger Than Block-Size Key - Hash Key First").decode(),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        "aa" * 131,
        hexlify(
            b"This is a test using a larger than block-size key and a larger than "
            b"block-size data. The key needs to be hashed before being used by the HMAC "
            b"algorithm."
        ).decode(),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
)

# RFC 7518, appendix B.1: AEAD_AES_128_CBC_HMAC_SHA_256
K = bytes(range(32))
P = (
    b"A cipher system must not be required to be secret, and it must be able to fall into the "
    b"hands of the enemy without inconvenience"
)
IV = h("1a f3 8c 2d c2 b9 6f fd d8 66 94 09 23 41 bc 04")
A = b"The second principle of Auguste Kerckhoffs"
E = h(
    """
    c8 0e df a3 2d df 39 d5 ef 00 c0 b4 68 83 42 79 a2 e4 6a 1b 80 49 f7 92
    f7 6b fe 54 b9 03 a9 c9 a9 4a c9 b4 7a d2 65 5c 5f 10 f9 ae f7 14 27 e2
    fc 6f 9b 3f 39 9a 22 14 89 f1 63 62 c7 03 23 36 09 d4 5a c6 98 64 e3 32
    1c f8 29 35 ac 40 96 c8 6e 13 33 14 c5 40 19 e8 ca 79 80 df a4 b9 cf 1b
    38 4c 48 6f 3a 54 c5 10 78 15 8e e5 d7 9d e5 9f bd 34 d8 48 b3 d6 95 50
    a6 76 46 34 44 27 ad e5 4b 88 51 ff b5 98 f7 f8 00 74 b9 47 3c 82 e2 db
    """
)
T = h("65 2c 3f a3 6b 0a 7c 5b 32 19 fa b3 a3 0b c1 c4")


def refused(function, *arguments):
    try:
        function(*arguments)
    except DamagedData:
        return True
    return False


def test_hmac_sha256_of_rfc_4231():
    for key, data, expected in RFC_4231:
        assert hexlify(hmac_sha256(unhexlify(key), unhexlify(data))).decode() == expected


def test_aead_of_rfc_7518_appendix_b():
    assert crypto.seal(K, IV, A, P) == E + T
    assert crypto.unseal(K, IV, A, E + T) == P


def test_every_wrong_bit_is_refused():
    sealed = crypto.seal(K, IV, b"head", b"text")
    for at in range(len(sealed)):
        for bit in range(8):
            wrong = bytearray(sealed)
            wrong[at] ^= 1 << bit
            assert refused(crypto.unseal, K, IV, b"head", bytes(wrong))
    assert refused(crypto.unseal, K, IV, b"hEad", sealed)
    assert refused(crypto.unseal, bytes(32), IV, b"head", sealed)
    for n in range(len(sealed)):
        assert refused(crypto.unseal, K, IV, b"head", sealed[:n])


def test_texts_of_every_length_come_back():
    for n in list(range(0, 50)) + [512, 513, 600]:
        text = bytes([i & 255 for i in range(n)])
        sealed = crypto.seal(K, IV, b"", text)
        assert len(sealed) == n // 16 * 16 + 32
        assert crypto.unseal(K, IV, b"", sealed) == text


def directions():
    ks = crypto.session_key(K, bytes(16), bytes([1] * 16))
    return [crypto.Direction(ks, crypto.HOST_TO_DEVICE) for _ in range(2)]


def test_a_direction_takes_its_messages_once_and_in_order():
    sender, receiver = directions()
    first, second, third = [sender.seal(b"", b"the same") for _ in range(3)]
    assert len({bytes(one) for one in (first, second, third)}) == 3
    assert receiver.unseal(b"", first) == b"the same"
    assert refused(receiver.unseal, b"", first)  # replayed
    sender, receiver = directions()
    receiver.unseal(b"", first)
    assert refused(receiver.unseal, b"", third)  # one left out


def test_directions_and_sessions_do_not_mix():
    ks = crypto.session_key(K, bytes(16), bytes([1] * 16))
    up = crypto.Direction(ks, crypto.HOST_TO_DEVICE)
    down = crypto.Direction(ks, crypto.DEVICE_TO_HOST)
    assert refused(down.unseal, b"", up.seal(b"", b"text"))
    other = crypto.session_key(K, bytes(16), bytes([2] * 16))
    later = crypto.Direction(other, crypto.HOST_TO_DEVICE)
    up = crypto.Direction(ks, crypto.HOST_TO_DEVICE)
    assert refused(later.unseal, b"", up.seal(b"", b"text"))
    assert crypto.host_proof(ks) != crypto.device_proof(ks)
    assert crypto.host_proof(ks) != crypto.host_proof(other)


def test_advertising_tags_are_recognised_with_the_key_alone():
    tag = crypto.advertising_tag(K, b"abc")
    assert len(tag) == 6 and tag[:3] == b"abc"
    assert crypto.advertising_tag(K, b"abd")[3:] != tag[3:]
    assert crypto.advertising_tag(bytes(32), b"abc") != tag


def test_equal_compares_all():
    assert equal(b"abc", b"abc")
    assert not equal(b"abc", b"abd")
    assert not equal(b"abc", b"ab")
