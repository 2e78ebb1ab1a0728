"""How many cases the property-based tests try: HYPOTHESIS_PROFILE is quick, usual or fuzz."""

import os

from hypothesis import HealthCheck, settings

for name, cases in {"quick": 10, "usual": 100, "fuzz": 10_000}.items():
    # A busy machine may be slow: no deadline, and no check of how long cases take to make.
    settings.register_profile(name, max_examples=cases, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))
