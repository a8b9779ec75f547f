"""The virtual air: a bumble link on which a computer's radio and the devices' radios meet.

The computer's side is `central`, a bumble device for `bioklok.radio.virtual`. A firmware process
joins by connecting its stand-in `bluetooth` module to the Unix socket at `socket_path`; every
connection to the socket is one more device in range, until it is closed. An interpreter that has a
`bluetooth` of its own (NimBLE) joins through a pseudo-terminal that speaks HCI, see `uart`.

    async with VirtualAir() as air:
        environment["BIOKLOK_SIM_AIR"] = air.socket_path
        adapter = virtual_adapter(air.central)
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType

from bumble.device import Device
from bumble.link import LocalLink
from bumble.transport import open_transport

from bioklok.simulator.controller import AirLink, radio_on, uart_radio
from bioklok.simulator.peripheral import ADVERTISING_INTERVAL_MS, NIMBLE, Peripheral, Personality

CENTRAL_ADDRESS = "E0:F1:F2:F3:F4:F5"


class VirtualAir:
    """Opens the air as an async context. `link` may be one that loses things, see `faults`.

    `personality` is the Bluetooth stack of the devices that join by the socket. `central` is the
    computer's radio, `socket_path` where firmware joins, `peripherals` the devices that are on the
    air now.
    """

    central: Device

    def __init__(
        self,
        link: LocalLink | None = None,
        personality: Personality = NIMBLE,
        advertising_ms: int = ADVERTISING_INTERVAL_MS,
    ) -> None:
        self._advertising_ms = advertising_ms
        self.link = link or AirLink()
        self._personality = personality
        self.peripherals: list[Peripheral] = []
        self._n_joined = 0
        self._n_queued_max = 0
        # Short, whatever TMPDIR says: the path of a Unix socket has at most 103 bytes on macOS.
        self._folder = ""
        self._server: asyncio.Server | None = None
        self._bridges: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def socket_path(self) -> str:
        """The path for BIOKLOK_SIM_AIR."""
        return str(Path(self._folder) / "air")

    @property
    def n_queued_max(self) -> int:
        """The most notifications that ever waited in the stack of one device."""
        return max(self._n_queued_max, *(p.n_queued_max for p in self.peripherals), 0)

    async def __aenter__(self) -> "VirtualAir":
        folder = tempfile.mkdtemp(prefix="bk-")
        if len(folder) > 90:
            shutil.rmtree(folder)
            # made for us alone (mode 0700), as anywhere: only its name is short
            folder = tempfile.mkdtemp(prefix="bk-", dir="/tmp")  # nosec B108
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

    @asynccontextmanager
    async def uart(self) -> AsyncIterator[str]:
        """Put one more radio on the air; give the path of its HCI UART (H4), for MICROPYBTUART.

        It leaves the air, with its connections, at the end.
        """
        self._n_joined += 1
        path = str(Path(self._folder) / f"hci{self._n_joined}")
        transport = await open_transport(f"pty:{path}")
        address = f"F2:{self._n_joined >> 8:02X}:{self._n_joined & 0xFF:02X}:00:00:01"
        radio = uart_radio(self.link, f"device {self._n_joined}", address, transport)
        try:
            yield path
        finally:
            radio.vanish()
            self.link.remove_controller(radio)
            await transport.close()

    def _on_join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bridge = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._bridges[bridge] = writer

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._n_joined += 1
        address = f"F0:{self._n_joined >> 8:02X}:{self._n_joined & 0xFF:02X}:00:00:01"
        device = await radio_on(self.link, f"device {self._n_joined}", address)
        peripheral = Peripheral(device, reader, writer, self._personality, self._advertising_ms)
        self.peripherals.append(peripheral)
        try:
            await peripheral.run()
        finally:
            self._n_queued_max = self.n_queued_max
            self.peripherals.remove(peripheral)
            await peripheral.leave()
            self.link.remove_controller(device.host.hci_sink.sink)
