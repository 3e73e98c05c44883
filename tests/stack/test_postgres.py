"""The embedded PostgreSQL: what its folder may hold, and who the portal is in it."""

import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest

from mentoring.stack import environment
from mentoring.stack.environment import StackError
from mentoring.stack.postgres import NAME, TEST_SPEED, Postgres, server_programs
from mentoring.stack.testing import running


@pytest.fixture(scope="module")
def server():
    folder = Path(tempfile.mkdtemp(prefix="mentoring-pg-"))
    folder.chmod(0o711)
    account = environment.server_account()
    sockets = folder / "s"
    sockets.mkdir(mode=0o700)
    environment.give(sockets, account)
    (folder / "postgres.new").mkdir()  # what a first start that was cut short leaves
    (folder / "postgres.new" / "half").touch()
    try:
        server = Postgres(server_programs(environment.run_dir(), account), folder, sockets, account, TEST_SPEED)
        assert server.create()
        yield server
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def database(server):
    """A connection as the portal has it."""
    with running(server, server.data.with_name("log")):
        server.create_database()
        server.create_database()  # every start asks again
        with psycopg.connect(host=str(server.sockets), user=NAME, dbname=NAME, autocommit=True) as connection:
            yield connection


def ask(database, question):
    return database.execute(question).fetchone()[0]


def test_the_portal_is_no_superuser(database):
    assert not ask(database, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    assert ask(
        database, "SELECT pg_get_userbyid(datdba) = current_user FROM pg_database WHERE datname = current_database()"
    )


def test_text_is_the_same_on_every_machine(database):
    assert (
        ask(database, "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'mentoring'")
        == "bC.UTF-8"
    )
    assert ask(database, "SELECT lower('ÅNGSTRÖM')") == "ångström"
    assert ask(database, "SHOW timezone") == "UTC"


def test_nobody_reaches_it_over_the_network(database):
    assert ask(database, "SHOW listen_addresses") == ""


def test_data_are_made_once(server):
    assert not server.create()
    assert not (server.data / "half").exists()


def test_data_of_another_version_are_refused_in_a_sentence(server):
    version = server.data / "PG_VERSION"
    ours = version.read_text()
    version.write_text("9\n")
    try:
        with pytest.raises(StackError, match="belong to PostgreSQL 9, and this is PostgreSQL 18"):
            server.create()
    finally:
        version.write_text(ours)
