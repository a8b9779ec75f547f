"""Stands in for a MicroPython that has NimBLE: run as an interpreter, it is an HCI host on a UART.

It answers the questions by which `bioklok.simulator.interpreter` knows such an interpreter. Started
with a program, it opens the HCI UART at MICROPYBTUART as NimBLE would, offers our service under its
public address, and echoes every write as a notification, until its standard input ends. No code of
the firmware runs here.
"""

import asyncio
import os
import sys

from biocore import gatt
from bumble.device import Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address, OwnAddressType
from bumble.host import Host
from bumble.transport import open_transport

TAG = b"nimble"
ENVIRONMENT = ("MICROPYPATH", "BIOKLOK_SIM_FLASH", "BIOKLOK_SIM_AIR", "MICROPYBTUART")


async def serve() -> None:
    uart = await open_transport(f"file:{os.environ['MICROPYBTUART']}")
    host = Host(uart.source, uart.sink)
    device = Device(name="nimble", address=Address.ANY_RANDOM, host=host)
    properties = Characteristic.Properties
    tx = Characteristic(gatt.TX_UUID, properties.NOTIFY, Characteristic.Permissions(0), b"")

    async def on_write(connection: object, value: bytes) -> None:
        await device.notify_subscriber(connection, tx, value, force=True)

    rx = Characteristic(
        gatt.RX_UUID,
        properties.WRITE | properties.WRITE_WITHOUT_RESPONSE,
        Characteristic.WRITEABLE,
        CharacteristicValue(write=on_write),
    )
    device.add_service(Service(gatt.SERVICE_UUID, [rx, tx]))
    await device.power_on()
    await device.start_advertising(
        own_address_type=OwnAddressType.PUBLIC,
        advertising_data=gatt.advertisement(TAG),
        advertising_interval_min=20,
        advertising_interval_max=20,
        auto_restart=True,
    )
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def main() -> None:
    if sys.argv[1] == "-c":
        print("yes" if "import bluetooth" in sys.argv[2] else "micropython")
        return
    print(" ".join(name for name in ENVIRONMENT if name in os.environ))
    print(f"modules={os.environ['MICROPYPATH']}", flush=True)
    asyncio.run(serve())


if __name__ == "__main__":
    main()
