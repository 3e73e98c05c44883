"""The locks: whole, agreeing with each other and with pyproject.toml, and free of any address."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mentoring.stack.environment import BASE_DIR

LOCKS = ["requirements.lock", "requirements-embedded.lock", "requirements-test.lock", "requirements-node.lock"]
PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;]+)(?: ; (.+?))? \\$", re.M)


def pins(lock):
    """Every pinned (package, version, marker)."""
    return set(PIN.findall((BASE_DIR / lock).read_text()))


def names(lock):
    return {name for name, _, _ in pins(lock)}


def declared(*extras):
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return {canonicalize_name(Requirement(line).name) for line in lines}


@pytest.mark.parametrize("lock", [*LOCKS, "package-lock.json"])
def test_no_address(lock):
    text = (BASE_DIR / lock).read_text()
    text = re.sub(r'"funding": (\{[^}]*\}|\[[^\]]*\])', "", text)
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links|\"resolved\"", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes(lock):
    text = (BASE_DIR / lock).read_text()
    blocks = re.split(r"^(?=[a-z])", text, flags=re.M)[1:]
    assert len(blocks) == len(pins(lock)) > 0
    assert all("--hash=sha256:" in block for block in blocks)


def test_locks_agree():
    runtime, embedded, test = (pins(lock) for lock in LOCKS[:3])
    assert runtime < embedded < test


def test_locks_cover_what_is_declared():
    assert declared() <= names("requirements.lock")
    assert declared("embedded") <= names("requirements-embedded.lock")
    assert declared("embedded", "test") <= names("requirements-test.lock")


def test_production_has_nothing_of_the_demo_or_the_tests():
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    spare = {canonicalize_name(Requirement(line).name) for line in project["embedded"] + project["test"]}
    assert not spare & names("requirements.lock")
