"""Canaries: what bioklok.radio and the virtual air lean on in bleak and bumble.

Each is named after what breaks when it fails. No code of ours but where the name says so.
"""

import asyncio
import inspect
import re
from pathlib import Path

import bumble
import pytest
from bioklok.simulator.peripheral import Op
from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner
from bumble.controller import Controller
from bumble.device import Connection, Device
from bumble.gatt_server import Server
from bumble.hci import Address
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

SIMAIR = Path(__file__).parents[2] / "firmware" / "sim" / "modules" / "simair.py"


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def test_bumble_client_is_abstract_when_bleak_wants_another_client_method() -> None:
    assert BaseBleakClient.__abstractmethods__ == {
        *("mtu_size", "is_connected", "connect", "disconnect", "pair", "unpair"),
        *("read_gatt_char", "read_gatt_descriptor", "write_gatt_char", "write_gatt_descriptor"),
        *("start_notify", "stop_notify"),
    }


def test_bumble_scanner_is_abstract_when_bleak_wants_another_scanner_method() -> None:
    assert BaseBleakScanner.__abstractmethods__ == {"start", "stop"}


def test_bumble_client_gets_other_arguments() -> None:
    assert parameters(BaseBleakClient.connect) == ["self", "pair", "kwargs"]
    assert parameters(BaseBleakClient.write_gatt_char) == [
        *("self", "characteristic", "data", "response")
    ]
    assert parameters(BaseBleakClient.start_notify) == [
        *("self", "characteristic", "callback", "kwargs")
    ]


def test_bumble_scanner_cannot_report_sightings() -> None:
    assert parameters(BaseBleakScanner.create_or_update_device) == [
        *("self", "key", "address", "name", "details", "adv")
    ]
    assert parameters(BaseBleakScanner.call_detection_callbacks) == [
        *("self", "device", "advertisement_data")
    ]


def test_adapter_cannot_pass_its_classes_or_options_to_bleak() -> None:
    seen: list[dict[str, object]] = []

    class Scanner(BaseBleakScanner):
        def __init__(self, detection_callback, service_uuids, scanning_mode, **options):
            super().__init__(detection_callback, service_uuids)
            seen.append(options)

        async def start(self) -> None:
            pass

        async def stop(self) -> None:
            pass

    BleakScanner(backend=Scanner, central="radio")
    assert seen[0]["central"] == "radio"
    assert "backend" in inspect.signature(BleakClient.__init__).parameters


def test_link_frame_size_ignores_the_mtu() -> None:
    sizes = [20, 244]
    characteristic = BleakGATTCharacteristic(None, 1, "x", [], lambda: sizes.pop(0), None)
    assert characteristic.max_write_without_response_size == 20
    assert characteristic.max_write_without_response_size == 244


def test_bumble_is_not_the_version_whose_internals_the_virtual_radio_uses() -> None:
    assert bumble.__version__ == "0.0.236"


def test_faults_cannot_be_put_into_the_link() -> None:
    assert parameters(LocalLink.send_acl_data) == [
        *("self", "sender_controller", "destination_address", "transport", "data")
    ]


def test_link_packets_are_cut_into_27_bytes_again() -> None:
    async def lengths() -> tuple[int, int]:
        controller = Controller("canary", link=LocalLink())
        default = controller.le_acl_data_packet_length
        controller.le_acl_data_packet_length = 251
        host = Host(controller, AsyncPipeSink(controller))
        device = Device(name="canary", address=Address("F0:00:00:00:00:01"), host=host)
        await device.power_on()
        return default, host.le_acl_packet_queue.max_packet_size

    assert asyncio.run(lengths()) == (27, 251)


def test_peripheral_hears_of_no_connection_mtu_or_disconnection() -> None:
    assert Device.EVENT_CONNECTION == "connection"
    assert Connection.EVENT_DISCONNECTION == "disconnection"
    assert Connection.EVENT_CONNECTION_ATT_MTU_UPDATE == "connection_att_mtu_update"


def test_peripheral_notifies_only_subscribers() -> None:
    assert "force" in parameters(Server.notify_subscriber)
    assert "max_mtu" in inspect.getsource(Server.on_att_exchange_mtu_request)


@pytest.mark.parametrize("op", list(Op))
def test_both_ends_of_the_air_socket_number_an_operation_alike(op: Op) -> None:
    numbers = dict(re.findall(r"^OP_(\w+) = (0x\w+)", SIMAIR.read_text(), re.MULTILINE))
    assert int(numbers[op.name], 16) == op
    assert len(numbers) == len(Op)
