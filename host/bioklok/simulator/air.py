"""The virtual air: a bumble link on which a computer's radio and the devices' radios meet.

The computer's side is `central`, a bumble device for `bioklok.radio.virtual`. A firmware process
joins by connecting its stand-in `bluetooth` module to the Unix socket at `socket_path`; every
connection to the socket is one more device in range, until it is closed.

    async with VirtualAir() as air:
        environment["BIOKLOK_SIM_AIR"] = air.socket_path
        adapter = virtual_adapter(air.central)
"""

import asyncio
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from bumble import hci
from bumble.controller import Controller
from bumble.device import Device
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

from bioklok.simulator.peripheral import Peripheral

# What a link with data length extension carries in one packet (Core Specification vol 6, part B,
# 2.4: 251 bytes). bumble's controller says 27, which would cut each of our frames into ten.
LINK_PACKET_BYTES = 251

CENTRAL_ADDRESS = "E0:F1:F2:F3:F4:F5"


class AirController(Controller):  # type: ignore[misc]  # bumble is not typed for us
    """bumble's controller, which forgets to cancel: a device that has gone would be waited for
    without end, and nothing else could be connected to."""

    pending_le_connection: Any = None

    def on_hci_le_create_connection_cancel_command(self, command: Any) -> Any:
        """See Core Specification vol 4, part E, 7.8.13."""
        result = super().on_hci_le_create_connection_cancel_command(command)
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is not None:
            self.send_hci_packet(
                hci.HCI_LE_Connection_Complete_Event(
                    status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                    connection_handle=0,
                    role=hci.Role.CENTRAL,
                    peer_address_type=pending.peer_address_type,
                    peer_address=pending.peer_address,
                    connection_interval=0,
                    peripheral_latency=0,
                    supervision_timeout=0,
                    central_clock_accuracy=0,
                )
            )
        return result


async def radio_on(link: LocalLink, name: str, address: str) -> Device:
    """Return a bumble device with its own controller on `link`, switched on."""
    controller = AirController(name, link=link)
    controller.le_acl_data_packet_length = LINK_PACKET_BYTES
    host = Host(controller, AsyncPipeSink(controller))
    device = Device(name=name, address=hci.Address(address), host=host)
    await device.power_on()
    return device


class VirtualAir:
    """Opens the air as an async context. `link` may be a subclass of LocalLink that loses things.

    `central` is the computer's radio, `socket_path` where firmware joins, `peripherals` the devices
    that are on the air now.
    """

    central: Device

    def __init__(self, link: LocalLink | None = None) -> None:
        self.link = link or LocalLink()
        self.peripherals: list[Peripheral] = []
        self._n_joined = 0
        # Short, whatever TMPDIR says: the path of a Unix socket has at most 103 bytes on macOS.
        self._folder = ""
        self._server: asyncio.Server | None = None
        self._bridges: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def socket_path(self) -> str:
        """The path for BIOKLOK_SIM_AIR."""
        return str(Path(self._folder) / "air")

    async def __aenter__(self) -> "VirtualAir":
        folder = tempfile.mkdtemp(prefix="bk-")
        if len(folder) > 90:
            shutil.rmtree(folder)
            folder = tempfile.mkdtemp(prefix="bk-", dir="/tmp")
        self._folder = folder
        try:
            self.central = await radio_on(self.link, "computer", CENTRAL_ADDRESS)
            self._server = await asyncio.start_unix_server(self._on_join, self.socket_path)
        except BaseException:
            shutil.rmtree(folder)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        # Not by cancelling: inside a command, bumble swallows a cancellation.
        for writer in self._bridges.values():
            writer.close()
        results = await asyncio.gather(*self._bridges, return_exceptions=True)
        await self._server.wait_closed()
        await self.central.power_off()
        shutil.rmtree(self._folder)
        failures = [result for result in results if isinstance(result, Exception)]
        if failures and error is None:
            raise failures[0]

    def _on_join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bridge = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._bridges[bridge] = writer

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._n_joined += 1
        address = f"F0:{self._n_joined >> 8:02X}:{self._n_joined & 0xFF:02X}:00:00:01"
        device = await radio_on(self.link, f"device {self._n_joined}", address)
        peripheral = Peripheral(device, reader, writer)
        self.peripherals.append(peripheral)
        try:
            await peripheral.run()
        finally:
            self.peripherals.remove(peripheral)
            await peripheral.leave()
            self.link.remove_controller(device.host.hci_sink.sink)
