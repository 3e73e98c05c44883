"""Nothing insecure starts: the settings refuse it in a sentence; Django's deployment check finds nothing."""

import re
import secrets
import subprocess
import sys

import pytest
import yaml

from mentoring.stack.environment import BASE_DIR
from tests.stack.portal import clean_environment

SOUND = {
    "SECRET_KEY": secrets.token_urlsafe(60),
    "DATABASE_URL": "postgres://mentoring:secret@database.example.org/mentoring",
    "REDIS_URL": "redis://broker.example.org/0",
    "ALLOWED_HOSTS": "mentoring.example.org",
}


def python(*arguments, **variables):
    """Run Python with the environment of a production machine."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=BASE_DIR, env=clean_environment(**variables),
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_deployment_check_is_clean(tmp_path):
    done = python("manage.py", "check", "--deploy", "--fail-level=WARNING", RUN_DIR=str(tmp_path), **SOUND)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short or well known"),
        ({"SECRET_KEY": "x" * 80}, "SECRET_KEY is too short or well known"),
        ({"SECRET_KEY": "django-insecure-" + secrets.token_urlsafe(60)}, "SECRET_KEY is too short or well known"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "must name a PostgreSQL database"),
        ({"REDIS_URL": ""}, "REDIS_URL is not set"),
        ({"STAFF_SECOND_FACTOR": "0"}, "in the embedded demo only"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_insecure_settings_are_refused(change, sentence, tmp_path):
    done = python("-c", "import mentoring.settings", RUN_DIR=str(tmp_path), **(SOUND | change))
    assert done.returncode != 0
    assert sentence in done.stderr


def test_mail_page_and_demo_are_not_there_in_production(tmp_path):
    code = (
        "import django; django.setup(); from django.urls import resolve, Resolver404\n"
        "try: resolve('/mail/')\n"
        "except Resolver404: print('not there')"
    )
    done = python("-c", code, RUN_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="mentoring.settings", **SOUND)
    assert done.stdout.strip() == "not there", done.stderr


def compose():
    return yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())


def test_compose_file_holds_no_secret_of_its_own():
    text = (BASE_DIR / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert re.search(rf"\$\{{{name}:\?", text)
        assert not re.search(rf"\$\{{{name}(?!:\?)", text)


def test_compose_file_runs_every_part_with_a_health_check():
    services = compose()["services"]
    assert set(services) >= {"database", "broker", "mail", "prepare", "web", "worker", "beat"}
    for name in ("database", "broker", "mail", "web", "worker", "beat"):
        assert "healthcheck" in services[name], name
    assert all("EMBEDDED" not in service.get("environment", {}) for service in services.values())


def test_compose_environment_passes_the_settings(tmp_path):
    said = compose()["services"]["web"]["environment"]
    filled = {name: re.sub(r"\$\{(\w+):[?-]([^}]*)\}", fill, value) for name, value in said.items()}
    done = python("manage.py", "check", "--deploy", "--fail-level=WARNING", RUN_DIR=str(tmp_path), **filled)
    assert done.returncode == 0, done.stderr


def test_proxy_takes_in_a_whole_request_before_a_thread_of_the_portal_sees_it():
    """A half-sent request must not occupy the web server."""
    mounted = next(each for each in compose()["services"]["proxy"]["volumes"] if "Caddyfile" in each)
    source, target, _mode = mounted.split(":")
    lines = [line for line in (BASE_DIR / source).read_text().splitlines() if not line.strip().startswith("#")]
    said = " ".join(" ".join(lines).split())
    assert target == "/etc/caddy/Caddyfile"
    assert "timeouts { read_header 10s read_body 30s" in said
    assert "request_body { max_size 16MB }" in said
    assert "reverse_proxy web:8000 { request_buffers 16MB }" in said


def fill(match):
    """Compose's substitution, for someone who has set the two secrets and nothing else."""
    name, default = match.groups()
    return secrets.token_urlsafe(60) if name in ("SECRET_KEY", "POSTGRES_PASSWORD") else default


def test_image_does_not_run_as_root():
    last_stage = (BASE_DIR / "Dockerfile").read_text().split("\nFROM ")[-1]
    assert re.search(r"^USER (?!root)", last_stage, re.M)
    assert "npm" not in last_stage
    assert "requirements-" not in last_stage
