"""``make run``: the services, the data, then web, worker and beat, until we are told to stop."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from functools import partial

from mentoring.stack import environment
from mentoring.stack.environment import BASE_DIR, StackError
from mentoring.stack.postgres import Postgres, server_programs
from mentoring.stack.process import spawn, wait_until
from mentoring.stack.supervisor import Child, Stop, Supervisor, say, stop_on_signals
from mentoring.stack.valkey import Valkey

PYTHON = [sys.executable, "-m"]
# Threads, not processes: no child of the worker can then outlive it, and sending mail is waiting.
WORKER = [*PYTHON, "celery", "-A", "mentoring", "worker", "--pool=threads", "--concurrency=4", "--loglevel=info",
          "--without-gossip", "--without-mingle", "--without-heartbeat"]  # fmt: skip
BEAT = [*PYTHON, "celery", "-A", "mentoring", "beat", "--loglevel=info", "--pidfile="]
WEB = [*PYTHON, "gunicorn", "mentoring.wsgi", "--preload", "--worker-class=gthread", "--workers=2", "--threads=4",
       "--graceful-timeout=2", "--no-control-socket", "--log-level=warning"]  # fmt: skip


def up():
    """Run everything until told to stop. Raises StackError, with a sentence, when it cannot."""
    port = wanted_port()
    run = environment.run_dir()
    run.mkdir(mode=0o711, parents=True, exist_ok=True)
    lock = take_lock(run)
    web_socket = take_port(port)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    stop_on_signals()
    supervisor = Supervisor(run / "log")
    try:
        variables = start_services(supervisor, run, f"http://localhost:{port}")
        prepare_data(run, variables)
        start_portal(supervisor, run, variables, web_socket)
        welcome(run, variables)
        supervisor.watch()
    except Stop:
        say("\nStopping ...")
    finally:
        supervisor.stop()
        environment.remove_sockets(run)
    say("Stopped.")


def wanted_port():
    told = os.environ.get("PORT") or "8000"
    if not told.isdigit() or not 0 < int(told) < 65536:
        raise StackError(f"PORT is {told!r}, which is no port. Use a number from 1 to 65535, like PORT=8001.")
    return int(told)


def take_port(port):
    """A listening socket. Web gets it from us: while web restarts, nobody is refused and nobody else takes the port."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(256)
    except OSError as error:
        raise StackError(
            f"Port {port} cannot be used ({error.strerror}). Choose another, like this: PORT={port + 1} make run"
        ) from None
    return listening


def take_lock(run):
    """The lock that says one is running; it is ours until this process ends."""
    lock = (run / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        number = lock.read().strip() or "unknown"
        raise StackError(f"The portal is running already (process {number}). Stop that one first.") from None
    lock.truncate(0)
    return lock


def start_services(supervisor, run, site_url):
    """Start what the environment does not name: database, broker, mail server. Returns the variables for everyone."""
    variables = {
        "EMBEDDED": "1",
        "SITE_URL": site_url,
        "SECRET_KEY": os.environ.get("SECRET_KEY") or environment.kept_secret_key(run),
        "CELERY_BEAT_SCHEDULE_FILENAME": str(run / "beat-schedule"),
        "RUN_DIR": str(run),
    }
    starters = {"DATABASE_URL": start_postgres, "REDIS_URL": start_valkey, "EMAIL_URL": start_mail}
    for name, start in starters.items():
        variables[name] = os.environ.get(name) or start(supervisor, run)
    environment.write_env(run, variables)
    return variables


def start_postgres(supervisor, run):
    began = time.monotonic()
    account = environment.server_account()
    home = environment.server_home(run, account)
    postgres = Postgres(server_programs(run, account), home, environment.socket_dir(run), account)
    created = postgres.create()
    supervisor.add(Child("postgres", postgres.start, "database", postgres.stop_signal, postgres.last_signal))
    postgres.create_database()
    done("Database", f"{'created' if created else 'started'}, in {postgres.data}", began)
    return postgres.url()


def start_valkey(supervisor, run):
    began = time.monotonic()
    valkey = Valkey(run, environment.socket_dir(run))
    supervisor.add(Child("valkey", valkey.start, "services", valkey.stop_signal))
    done("Broker", "started", began)
    return valkey.url()


def start_mail(supervisor, run):
    listening = socket.create_server(("127.0.0.1", 0))
    supervisor.add(Child("mail", partial(spawn_mail, listening, run / "mail"), "services"))
    return f"smtp://127.0.0.1:{listening.getsockname()[1]}"


def spawn_mail(listening, folder, log):
    argv = [*PYTHON, "mentoring.stack.mailsink", listening.fileno(), folder]
    return spawn(argv, output=log, pass_fds=[listening.fileno()])


def prepare_data(run, variables):
    """Bring tables, static files, programs and demo people up to date, in a process that may read the settings."""
    command = [sys.executable, BASE_DIR / "manage.py", "prepare"]
    if os.environ.get("DATABASE_URL"):
        command.append("--demo-only")
    step = subprocess.run(command, env=os.environ | variables, cwd=BASE_DIR, check=False)
    if step.returncode:
        raise StackError("The portal's data could not be prepared; the reason is above.")


def start_portal(supervisor, run, variables, web_socket):
    """Start web, worker and beat, and wait until the first page is served."""
    began = time.monotonic()
    env = os.environ | variables
    served = supervisor.add(Child("web", partial(spawn_web, web_socket, env)))
    supervisor.add(Child("worker", partial(spawn_celery, WORKER, env)))
    supervisor.add(Child("beat", partial(spawn_celery, BEAT, env)))
    address = f"http://127.0.0.1:{web_socket.getsockname()[1]}/health/live"
    wait_until(partial(answers, address), served, 60, StackError("The web server did not start."))
    done("Web, worker and beat", "started", began)


def spawn_web(listening, env, log):
    # What web has to say, errors for one, is said in the terminal.
    return spawn([*WEB, f"--bind=fd://{listening.fileno()}"], env=env, pass_fds=[listening.fileno()])


def spawn_celery(argv, env, log):
    # Killed outright, it loses nothing: tasks are acknowledged late, and the database is the queue of record.
    return spawn(argv, env=env, output=log, death_signal=signal.SIGKILL)


def answers(address):
    """Whether there is an HTTP answer, whatever it says."""
    try:
        urllib.request.urlopen(address, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def done(what, how, began):
    say(f"{what}: {how} ({time.monotonic() - began:.1f} s)")


def welcome(run, variables):
    """Say where the portal is and who can sign in."""
    site = variables["SITE_URL"]
    say(f"\nThe portal is ready: {site}/\n")
    for name, path in (("Staff", "/admin/"), ("Every email sent", "/mail/")):
        say(f"  {name + ':':<18} {site}{path}")
    demo = json.loads((run / "sign-ins").read_text())
    if demo["people"]:
        width = max(len(email) for email, _ in demo["people"])
        say(f"\n  Sign in at {site}/account/login/ as (password: {demo['password']})")
        for email, what in demo["people"]:
            say(f"    {email:<{width}}  {what}")
    say(f"\n  Logs: {run / 'log'}. Press Ctrl-C to stop; `make reset` empties the data.\n")


def reset():
    """``make reset``: empty the embedded data, after asking."""
    run = environment.run_dir()
    if not run.exists():
        return say("There is nothing to empty.")
    lock = take_lock(run)
    try:
        answer = input(f"Remove all embedded data in {run} (database, queue, mail)? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        return say("\nNothing was removed.")
    environment.remove_data(run)
    lock.close()
    return say("Removed. The next `make run` starts afresh.")


COMMANDS = {"up": up, "reset": reset}


def main(arguments):
    """Run the named command; an error is a sentence on stderr and exit code 1."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        sys.exit(f"Usage: python -m mentoring.stack {{{'|'.join(COMMANDS)}}}")
    try:
        COMMANDS[arguments[0]]()
    except StackError as error:
        sys.exit(f"\n{error}")
