import os

# Pairs are looked at block by block, a core for each (``market``). Another crowd of threads within each only gets in the way. It
# is read when numpy is loaded, which nothing outside this app does.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
