"""How long the `matching` package takes for a stable assignment of the same people.

    python -I benchmarks/suggesting/stable.py < instance

Run by itself, away from the portal's own package of that name. Reads {"mentees": {id: [mentors]}, "mentors": {id: [mentees]},
"places": {id: n}} and prints seconds and peak memory as JSON.
"""

import json
import resource
import sys
import threading
import time

from matching.games import HospitalResident


def main():
    """The package walks from player to player by recursion, one level for each, so it gets room for that."""
    read = json.load(sys.stdin)
    instance = {side: {int(key): value for key, value in of.items()} for side, of in read.items()}
    begun = time.perf_counter()
    game = HospitalResident.create_from_dictionaries(instance["mentees"], instance["mentors"], instance["places"])
    solved = game.solve()
    seconds = time.perf_counter() - begun
    matched = sum(len(residents) for residents in solved.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": peak, "matched": matched}))


sys.setrecursionlimit(1_000_000)
threading.stack_size(512 * 2**20)
thread = threading.Thread(target=main)
thread.start()
thread.join()
