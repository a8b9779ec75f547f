"""At a school, over the virtual radio: no consent, no data; strips go back; a wipe is a wipe."""

import asyncio
from pathlib import Path

import pytest
from biocore import message
from bioklok.office import grades, wearing
from bioklok.office.intake import Intake, NotWelcome
from bioklok.office.wearing import Wishes
from bioklok.school.consent import Answer
from bioklok.session import Session
from bioklok.simulator.image import read_identity
from bioklok.store import Store
from support.campus import SCHOOL, build, say
from support.world import START_UTC_S, World, device_in_air

DAY_S = 86_400


def school_in(world: World, folder: Path, store: Store) -> Store:
    """The device of this world on the wrist of tuur, whose parents said nothing yet."""
    oost = store.of(SCHOOL)
    build(oost)
    oost.hand_out(read_identity(world.flash).device_id, "tuur")
    return oost


async def sync(world: World, store: Store):
    intake = Intake(store, world.utc_s)
    return await world.sync(intake, clerk=intake)


async def strips_on_device(world: World) -> int:
    async with world.connected() as link:
        session = Session(link, 10.0)
        await session.prove(world.key)
        await session.info()
        (strips,) = await session.ask(message.encode(message.BALANCE, message.UNKNOWN_STRIPS))
        await session.close()
        return strips


async def asked_of_device(world: World, *questions: bytes) -> list[tuple[int, ...]]:
    async with world.connected() as link:
        session = Session(link, 10.0)
        await session.prove(world.key)
        await session.info()
        answers = [await session.ask(question) for question in questions]
        await session.close()
        return answers


async def wishes_then_sync(folder: Path) -> None:
    """On the unmodified firmware: what was decided is held, and a grade waits for its minute."""
    keep = message.KEEP_MINUTE
    hold = (keep, keep, keep, keep, message.KEEP_TIME, message.KEEP_FLAG)
    settings = message.encode(message.SETTINGS, message.KEEP_OFFSET, *hold)
    async with device_in_air(folder, n_pages=4) as world:
        with world.store("a") as home:
            oost = school_in(world, folder, home)
            for by in ("r", "tuur"):
                say(oost, by, "tuur", Answer.AGREES, START_UTC_S - DAY_S)
            now_utc_s = int(world.utc_s())
            tuur = oost.account("tuur").person
            wishes = Wishes(bed_min=1305, wake_min=410, has_glow=True, dark_from_min=1200)
            wearing.decide(oost, tuur, wishes, now_utc_s)
            grades.keep(oost, tuur, 4, now_utc_s, now_utc_s)
            await sync(world, oost)
            quarter = now_utc_s // grades.QUARTER_S
            again = message.encode(message.REPORT, quarter, 4, 0)
            held, known = await asked_of_device(world, settings, again)
            assert held[1:] == (1200, 420, 1305, 410, 0, 1)
            assert known == (quarter, 4, message.REPORT_KNOWN)
            wearing.decide(oost, tuur, Wishes(paused_until_utc_s=now_utc_s + DAY_S), now_utc_s)
            await sync(world, oost)
            (held,) = await asked_of_device(world, settings)
            assert held[1:] == (1260, 420, 1290, 420, now_utc_s + DAY_S, 0)


async def consent_then_sync(folder: Path) -> None:
    async with device_in_air(folder, n_pages=4) as world:
        with world.store("a") as home:
            oost = school_in(world, folder, home)
            with pytest.raises(NotWelcome, match="no consent"):
                await sync(world, oost)
            assert oost.n_epochs(read_identity(world.flash).device_id) == 0
            for by in ("r", "tuur"):
                say(oost, by, "tuur", Answer.AGREES, START_UTC_S - DAY_S)
            result = await sync(world, oost)
            assert result.pages_new == 4
            assert len(oost.pages_of("tuur", 0, 2**31)) == 4
            assert oost.device(result.info.device_id).firmware == result.status.firmware
            assert await strips_on_device(world) == 3


async def handed_on(folder: Path) -> None:
    async with device_in_air(folder, n_pages=4) as world:
        with world.store("a") as home:
            oost = school_in(world, folder, home)
            for by in ("r", "tuur"):
                say(oost, by, "tuur", Answer.AGREES, START_UTC_S - DAY_S)
            before = await sync(world, oost)
            device = before.info.device_id
            oost.hand_out(device, "sem")
            wiped = await sync(world, oost)
            assert (wiped.info.journal_id, wiped.epochs) == (before.info.journal_id, 0)
            assert oost.device(device).wipe_journal is None
            after = await sync(world, oost)
            assert after.info.journal_id != before.info.journal_id
            assert after.info.n_pages == 0
            assert world.on_flash() == []
            assert len(oost.pages_of("tuur", 0, 2**31)) == 4
            assert oost.pages_of("sem", 0, 2**31) == []


def test_no_consent_no_data_and_with_it_everything(tmp_path):
    asyncio.run(asyncio.wait_for(consent_then_sync(tmp_path), 60))


def test_what_a_student_decided_and_said_comes_to_the_wrist(tmp_path):
    asyncio.run(asyncio.wait_for(wishes_then_sync(tmp_path), 60))


def test_a_device_that_is_handed_on_forgets_its_wearer(tmp_path):
    asyncio.run(asyncio.wait_for(handed_on(tmp_path), 60))
