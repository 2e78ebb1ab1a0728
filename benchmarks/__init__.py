"""How long synthesis takes and how much memory it needs: `python -m benchmarks` writes docs/benchmarks.md."""
