"""Radios of the virtual air: what bumble's link and controller lack for ours.

`AirLink` names the sender of a packet as its connection does; `AirController` can forget a
connection attempt, and says that a packet has left only when the link has let it go.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from bumble import hci
from bumble.controller import Controller
from bumble.device import Device
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

# What a link with data length extension carries in one packet (Core Specification vol 6, part B,
# 2.4: 251 bytes). bumble's controller says 27, which would cut each of our frames into ten.
LINK_PACKET_BYTES = 251


@dataclass(eq=False)
class Departure:
    """A packet that a link holds back; `completion` tells its sender that it has gone."""

    completion: Any = None
    has_gone: bool = False


class AirLink(LocalLink):  # type: ignore[misc]  # bumble is not typed for us
    """bumble's link for LE data, with the address under which the sender connected.

    bumble gives the sender's random address, but NimBLE connects with its public one.
    """

    def send_acl_data(
        self, sender_controller: Any, destination_address: Any, transport: Any, data: bytes
    ) -> None:
        """Carry one L2CAP packet to the other end of the sender's connection."""
        connection = sender_controller.le_connections.get(destination_address)
        if connection is not None:
            self.deliver(connection, data)

    def deliver(self, connection: Any, data: bytes) -> None:
        """Hand `data` to the peer of the sender's `connection`, on the next turn of the loop."""
        receiver = self.find_le_controller(connection.peer_address)
        if receiver is not None:
            asyncio.get_running_loop().call_soon(
                receiver.on_link_acl_data, connection.self_address, connection.transport, data
            )

    def cut(self, connection: Any) -> None:
        """End a connection for both ends, as when they are out of each other's reach."""
        peer = self.find_le_controller(connection.peer_address)
        _lose(connection.controller, connection.peer_address)
        _lose(peer, connection.self_address)


def _lose(controller: Any, address: Any) -> None:
    if controller is not None and address in controller.le_connections:
        controller.on_le_disconnected(
            controller.le_connections[address], hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        )


class AirController(Controller):  # type: ignore[misc]  # bumble is not typed for us
    """bumble's controller, with three things that it lacks.

    It forgets to cancel: a device that has gone would be waited for without end, and nothing else
    could be connected to. A reset leaves its connections standing. And it reports every packet as
    sent at once, so that no sender would ever meet a full buffer: a link that holds one back says
    so in `departing`.
    """

    pending_le_connection: Any = None
    departing: Departure | None = None

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

    def on_hci_reset_command(self, command: Any) -> Any:
        """See Core Specification vol 4, part E, 7.3.2."""
        self.vanish()
        return super().on_hci_reset_command(command)

    def send_hci_packet(self, packet: Any) -> None:
        """Send to the host; the word that a held packet has left waits for `has_left`."""
        departing = self.departing
        if departing is not None and isinstance(packet, hci.HCI_Number_Of_Completed_Packets_Event):
            departing.completion = packet
            self.departing = None
            return
        super().send_hci_packet(packet)

    def has_left(self, departure: Departure) -> None:
        """The packet is on the air: tell the host that its buffer is free again."""
        departure.has_gone = True
        if departure.completion is not None:
            super().send_hci_packet(departure.completion)

    def vanish(self) -> None:
        """Be gone without a word: the peers find their connections lost."""
        for advertiser in (self.le_legacy_advertiser, *self.advertising_sets.values()):
            advertiser.stop()
        for connection in list(self.le_connections.values()):
            _lose(self.link.find_le_controller(connection.peer_address), connection.self_address)
        self.le_connections.clear()


async def radio_on(link: LocalLink, name: str, address: str) -> Device:
    """Return a bumble device with its own controller on `link`, switched on."""
    controller = AirController(name, link=link)
    controller.le_acl_data_packet_length = LINK_PACKET_BYTES
    host = Host(controller, AsyncPipeSink(controller))
    device = Device(name=name, address=hci.Address(address), host=host)
    await device.power_on()
    return device


def uart_radio(link: LocalLink, name: str, address: str, transport: Any) -> AirController:
    """Return a controller on `link` whose host sits at the other end of an HCI `transport`.

    `address` is its public address, the one that NimBLE connects with.
    """
    controller = AirController(
        name,
        host_source=transport.source,
        host_sink=transport.sink,
        link=link,
        public_address=hci.Address(address, hci.Address.PUBLIC_DEVICE_ADDRESS),
    )
    controller.le_acl_data_packet_length = LINK_PACKET_BYTES
    return controller
