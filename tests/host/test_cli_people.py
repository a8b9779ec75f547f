"""The commands about schools and people, as somebody types them."""

import re
from datetime import date

import pytest
from bioklok.cli import app
from bioklok.cli_serve import home_links
from bioklok.errors import BioklokFailure
from bioklok.office.settings import settings_of
from bioklok.settings_file import from_toml, to_toml
from bioklok.store import open_store
from support.doors import Doors, is_signed_in
from support.postgresql import new_database
from typer.testing import CliRunner


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'b.sqlite'}"


@pytest.fixture
def run(url, monkeypatch):
    """Call a command on a database of its own; give its stdout."""
    monkeypatch.setenv("BIOKLOK_DATABASE_URL", url)

    def call(*arguments, fails=None):
        result = CliRunner().invoke(app, list(arguments))
        if fails is not None:
            assert isinstance(result.exception, BioklokFailure), result.output
            assert re.search(fails, str(result.exception))
            return ""
        assert result.exit_code == 0, result.output
        return result.stdout

    return call


def test_a_school_from_nothing_until_somebody_signs_in(run, url):
    run("school", "add", "oost", "--name", "School Oost")
    assert "oost\tschool\tEurope/Amsterdam\tSchool Oost" in run("school", "list")
    at = ("--school", "oost")
    run("user", "add", "ada", "--role", "administrator", "--name", "Ada", *at)
    run("user", "add", "noor", "--role", "student", "--born", "2014-01-02", *at)
    run("user", "add", "mo", "--role", "mentor", "--role", "parent", *at)
    run("user", "tie", "mo", "noor", "--as", "mentor", *at)
    assert run("user", "list", *at).splitlines() == [
        "ada\tadministrator\topen\tAda",
        "mo\tmentor,parent\topen\tmo",
        "noor\tstudent\topen\tnoor",
    ]
    assert run("user", "list", "--role", "student", *at).startswith("noor\t")
    invitation = run("user", "invite", "ada", "--url", "http://localhost:8000/", *at).strip()
    assert invitation.startswith("http://localhost:8000/invite/oost.")
    link = run("user", "link", "noor", *at).strip()
    with open_store(url, "oost") as store:
        assert [one.adult_id for one in store.ties("noor")] == ["mo"]
    run("user", "tie", "mo", "noor", "--as", "mentor", "--end", *at)
    run("user", "close", "mo", *at)
    assert "mo\tmentor,parent\tclosed" in run("user", "list", *at)
    assert link.startswith("http://127.0.0.1:8000/link/oost.")


def test_correcting_what_was_typed_wrong(run, url):
    run("user", "add", "noor", "--role", "student", "--name", "Nor", "--born", "2014-01-02")
    assert run("user", "correct", "noor", "--name", "Noor") == "noor: corrected\n"
    run("user", "correct", "noor", "--born", "2013-01-02")
    with open_store(url) as store:
        account = store.account("noor")
    assert (account.name, account.person.born) == ("Noor", date(2013, 1, 2))
    run("user", "correct", "noor", "--born", "1900-01-02", fails="no student's day of birth")
    run("user", "correct", "nobody", "--name", "X", fails="no nobody")
    for wrong in ((), ("--born", "soon")):
        assert CliRunner().invoke(app, ["user", "correct", "noor", *wrong]).exit_code == 2


def test_who_somebody_is_at_the_sign_in_service(run, url):
    run("school", "add", "oost", "--name", "School Oost")
    at = ("--school", "oost")
    for person in ("ada", "mo"):
        run("user", "add", person, "--role", "mentor", *at)
    assert run("user", "service", "ada", *at) == "ada: signs in here alone\n"
    assert run("user", "service", "ada", "ada@oost", *at) == "ada: ada@oost\n"
    assert run("user", "service", "ada", "ada@oost", *at) == "ada: ada@oost\n"  # again: the same
    with open_store(url, "oost") as store:
        assert store.by_subject("ada@oost").id == "ada"
    for subject, why in (
        ("ada@oost", "somebody else is ada@oost"),
        ("", "nobody's name"),
        (" mo", "nobody's name"),
        ("m\0o", "nobody's name"),
        ("m" * 256, "at most 255 letters"),
    ):
        run("user", "service", "mo", subject, *at, fails=why)
    assert run("user", "service", "mo", *at) == "mo: signs in here alone\n"
    assert run("user", "service", "ada", "--forget", *at) == "ada: signs in here alone\n"
    assert run("user", "service", "mo", "ada@oost", *at) == "mo: ada@oost\n"
    run("user", "close", "mo", *at)
    run("user", "service", "mo", "other", *at, fails="closed")
    run("user", "service", "mo", "--forget", *at)  # of who is gone it can be taken
    for arguments in (("nobody",), ("nobody", "x"), ("nobody", "--forget")):
        run("user", "service", *arguments, *at, fails="no nobody in the database")
    both = ["user", "service", "ada", "x", "--forget", *at]
    assert CliRunner().invoke(app, both).exit_code == 2
    shown = CliRunner().invoke(app, ["user", "service", "--help"], terminal_width=200)
    assert shown.exit_code == 0 and "SUBJECT" in shown.output


def test_what_is_wrong_is_one_line(run):
    run("user", "link", "nobody", fails="there is no database")
    run("user", "add", "a b", "--role", "student", fails="cannot be used")
    run("user", "link", "nobody", fails="no nobody in the database")
    run("user", "list", "--school", "west", fails="no school west")
    run("school", "add", "home", "--name", "X", fails="there already")
    run("school", "add", "x", "--name", "X", "--timezone", "Mars/Base", fails="Mars/Base")
    run("serve", "--host", "0.0.0.0", fails="--https-proxy")
    for wrong in (
        ["user", "add", "x", "--role", "teacher"],
        ["user", "add", "x", "--role", "student", "--born", "soon"],
        ["user", "tie", "x", "y", "--as", "friend"],
    ):
        assert CliRunner().invoke(app, wrong).exit_code == 2


def test_a_list_is_a_dry_run_until_it_is_told_to_go(run, tmp_path):
    file = tmp_path / "class.csv"
    file.write_text("id,name,role,born,mentor,parents\nsem,Sem,student,2014-01-01,,\n")
    assert run("user", "import", str(file)) == "add student sem\n"
    assert run("user", "list") == ""
    run("user", "import", str(file), "--go")
    assert run("user", "list") == "sem\tstudent\topen\tSem\n"
    assert run("user", "import", str(file)) == ""
    file.write_bytes(b"id,name,role\nx,\xff\xfe,student\n")
    run("user", "import", str(file), fails="not UTF-8")


def test_settings_go_out_and_come_back(run, url, tmp_path):
    run("school", "add", "oost", "--name", "Oost")
    text = run("school", "settings", "oost")
    with open_store(url, "oost") as store:
        before = settings_of(store)
    assert from_toml(text, "x.toml") == before and to_toml(before) == text
    file = tmp_path / "x.toml"
    file.write_text(
        text.replace("per_week = 1", "per_week = 2").replace(
            "blocked_hours = []", "blocked_hours = [1, 9]"
        )
    )
    run("school", "settings", "oost", "--edit", str(file))
    with open_store(url, "oost") as store:
        after = settings_of(store).rules
    assert after.per_week == 2 and after.blocked_hours == {1, 9}
    for wrong, why in (
        ("per_weak = 1", "rules.per_weak is no setting"),
        ("per_week = 'one'", "rules.per_week: "),
        ("per_week = ", "no TOML"),
        ("per_week = -1", "x.toml"),
    ):
        file.write_text(text.replace("per_week = 1", wrong))
        run("school", "settings", "oost", "--edit", str(file), fails=why)
    file.write_text(text.replace('"oost"', '"west"'))
    run("school", "settings", "oost", "--edit", str(file), fails="another school's")


def test_upgrade_makes_a_server_ready(monkeypatch, tmp_path):
    url = new_database("cli_people")
    monkeypatch.setenv("BIOKLOK_MASTER_KEY", "00" * 32)
    monkeypatch.setenv("BIOKLOK_KEYS", str(tmp_path / "keys"))
    for said in ("empty -> ", " -> "):
        result = CliRunner().invoke(app, ["db", "upgrade", "--database", url])
        assert result.exit_code == 0 and said in result.stdout
    result = CliRunner().invoke(
        app, ["user", "add", "noor", "--role", "student", "--database", url]
    )
    assert result.exit_code == 0, result.exception


def test_at_home_students_get_links_until_they_have_a_way_in(url):
    home = Doors(url, school="home")
    home.store.ensure_student("noor", "Noor")
    home.store.ensure_student("sem", "Sem")
    links = home_links(home.store, "http://localhost", home.clock.now_s)
    assert [name for name, _ in links] == ["Noor", "Sem"]
    client = home.browser()
    page = client.get(links[0][1])
    assert "Noor" in page.text
    home.invited("noor")
    assert [one for one, _ in home_links(home.store, "x", home.clock.now_s)] == ["Sem"]
    assert is_signed_in(home.linked("sem"))
    home.home.close()


def test_at_a_school_nobody_gets_a_link_by_serving(url):
    school = Doors(url, school="oost")
    school.add("noor", "student")
    assert home_links(school.store, "x", school.clock.now_s) == []
    school.home.close()


@pytest.mark.parametrize("name", ["school", "user", "db", "serve"])
def test_every_command_has_help(name):
    shown = CliRunner().invoke(app, [name, "--help"], terminal_width=200)
    assert shown.exit_code == 0 and "Usage" in shown.output


@pytest.mark.parametrize("given", ["bla", "", "https://", "ftp://school.nl", "https:///x"])
@pytest.mark.parametrize("what", ["invite", "link"])
def test_a_link_begins_with_a_web_address(run, given, what):
    run("user", "add", "kit", "--role", "student", "--name", "Kit")
    done = CliRunner().invoke(app, ["user", what, "kit", "--url", given])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "begins with https:// or http://" in " ".join(done.stderr.replace("│", "").split())
