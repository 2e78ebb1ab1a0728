"""Synthesizes the app: run as `python main.py`, or by the cdktf command line."""

from caches import CachesStack

# isort: split
from cdktf import App

app = App()
CachesStack(app, "caches")
app.synth()
