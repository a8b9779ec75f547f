"""Canaries: what the faulty air, the stack personalities and the UART lean on inside bumble.

Each is named after what breaks when it fails.
"""

import asyncio
import inspect
import os
from dataclasses import fields
from pathlib import Path

import pytest
from bumble.controller import Connection, Controller, LegacyAdvertiser
from bumble.core import PhysicalTransport
from bumble.hci import HCI_Number_Of_Completed_Packets_Event
from bumble.host import DataPacketQueue
from bumble.link import LocalLink
from bumble.transport import open_transport


def test_notifications_and_write_commands_have_other_opcodes_or_channel() -> None:
    from bumble import att

    assert att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION == 0x1B
    assert att.Opcode.ATT_WRITE_COMMAND == 0x52
    assert att.ATT_CID == 4


def test_a_lane_cannot_tell_its_connection() -> None:
    names = {field.name for field in fields(Connection)}
    assert {"controller", "self_address", "peer_address", "transport"} <= names
    assert list(inspect.signature(Controller.on_link_acl_data).parameters) == [
        *("self", "sender_address", "transport", "data")
    ]


def test_a_cut_cannot_end_a_connection() -> None:
    assert list(inspect.signature(Controller.on_le_disconnected).parameters) == [
        *("self", "connection", "reason")
    ]
    assert "del self.le_connections" in inspect.getsource(Controller.on_le_disconnected)
    assert hasattr(LegacyAdvertiser, "stop")


def test_a_held_packet_is_reported_as_sent_before_it_was_given_to_the_link() -> None:
    """The report must follow within the same call, or it is taken for another packet's."""
    said: list[str] = []

    class Air(LocalLink):
        def send_acl_data(self, sender_controller, destination_address, transport, data):
            said.append("link")

    class Radio(Controller):
        def send_hci_packet(self, packet):
            said.append(type(packet).__name__)

    async def run() -> None:
        from bumble.hci import Address, HCI_AclDataPacket, Role

        radio = Radio("canary", link=Air())
        address = Address("F0:00:00:00:00:01")
        connection = Connection(
            radio, 1, Role.CENTRAL, address, address, radio.link, PhysicalTransport.LE, 1
        )
        pdu = b"\x01\x00\x04\x00\x0a"
        connection.on_hci_acl_data_packet(HCI_AclDataPacket(1, 2, 0, len(pdu), pdu))

    asyncio.run(run())
    assert said == ["link", HCI_Number_Of_Completed_Packets_Event.__name__]


def test_the_bridge_cannot_tell_when_a_notification_has_left() -> None:
    sent: list[object] = []
    flows: list[int] = []
    queue = DataPacketQueue(251, 1, sent.append)
    queue.on("flow", lambda: flows.append(queue.completed))
    queue.enqueue("one", 7)
    queue.enqueue("two", 7)
    assert (queue.queued, queue.completed, len(sent)) == (2, 0, 1)
    queue.on_packets_completed(1, 7)
    assert (flows, len(sent)) == ([1], 2)
    queue.flush(7)
    assert queue.completed == queue.queued == 2


def test_bumble_itself_names_the_sender_as_its_connection_does() -> None:
    """When this fails, AirLink.send_acl_data is no longer needed."""
    source = inspect.getsource(LocalLink.send_acl_data)
    assert "source_address = sender_controller.random_address" in source


def test_a_reset_ends_connections_by_itself() -> None:
    """When this fails, AirController.on_hci_reset_command is no longer needed."""
    assert "TODO: cleanup what needs to be reset" in inspect.getsource(
        Controller.on_hci_reset_command
    )


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are Unix'")
def test_a_uart_is_no_link_to_a_terminal_or_outlives_its_use(tmp_path: Path) -> None:
    async def run() -> None:
        path = tmp_path / "hci"
        transport = await open_transport(f"pty:{path}")
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        assert os.isatty(fd)
        os.close(fd)
        await transport.close()
        assert not path.exists() and not path.is_symlink()

    asyncio.run(run())
