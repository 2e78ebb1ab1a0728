"""How many cases the property-based tests try: HYPOTHESIS_PROFILE is quick, usual or fuzz."""

import os

from hypothesis import settings

settings.register_profile("quick", max_examples=10, deadline=None)
settings.register_profile("usual", max_examples=100, deadline=None)
settings.register_profile("fuzz", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))
