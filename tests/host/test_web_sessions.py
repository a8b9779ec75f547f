"""The home page tells when data were fetched, for whoever wants to know."""

from dataclasses import replace

from bioklok.store import open_store
from bioklok.web import Settings, create_app
from fastapi.testclient import TestClient
from support.synthetic import Info, utc_s


def test_home_tells_quietly_when_data_were_fetched(tmp_path):
    url = f"sqlite:///{tmp_path / 'b.sqlite'}"
    counts = {"pages_new": 0, "epochs_new": 0, "started_utc_s": 0}
    heard, unheard = Info(), replace(Info(device_id="ffffffffffffabcd"), journal_id=None)
    with open_store(url) as store:
        for minute, info, frames, result in (
            (0, heard, 90, "done"),
            (1, heard, 40, "stopped"),
            (2, heard, 12, "[org.bluez.Error] <b>lost</b>"),
            (3, unheard, 0, "The device went out of range before it could be reached."),
        ):
            ended = utc_s(f"2026-11-23T10:0{minute}")
            store.log_session(
                info, ended_utc_s=ended, frames=frames, bytes=0, result=result, **counts
            )
        for minute in range(4, 12):
            ended = utc_s(f"2026-11-22T10:{minute:02}")
            store.log_session(heard, ended_utc_s=ended, frames=1, bytes=0, **counts)
    app = create_app(Settings(database_url=url))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        dutch, english = client.get("/").text, client.get("/?lang=en").text
    assert "maandag 23 november 10:00, Bioklok …0708: opgehaald" in dutch
    assert "10:01, Bioklok …0708: onderbroken, de rest komt de volgende keer" in dutch
    assert "10:02, Bioklok …0708: niet alles kwam over, de rest komt de volgende keer" in dutch
    assert "10:03, Bioklok …abcd: de Bioklok was buiten bereik" in dutch
    assert "Monday 23 November 10:00, Bioklok …0708: fetched" in english
    assert "the Bioklok was out of reach" in english
    assert dutch.index("10:03") < dutch.index("10:02") < dutch.index("10:00")
    assert dutch.count("Bioklok …") == 10
    for hidden in ("org.bluez", "<b>", "0102030405060708", "ffffffff"):
        assert hidden not in dutch
    assert "<details" in dutch and "<details open" not in dutch
