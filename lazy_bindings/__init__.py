"""Makes cdktf's prebuilt provider packages load only what an app uses. Import it before cdktf; see docs/adr/0005-jsii.md.

It works for every package `cdktf_cdktf_provider_*`, and the output is the same. EAGER_BINDINGS=1 turns it off.
"""

import os
import warnings

from lazy_bindings import bundled_node as bundled_node

if os.environ.get("EAGER_BINDINGS") != "1":
    from lazy_bindings import provider_packages, type_checks

    provider_packages.install()
    type_checks.install()
    try:
        from lazy_bindings import node_process
    except ImportError as error:
        warnings.warn(
            f"lazy_bindings does not support this version of jsii ({error}): loading takes longer", stacklevel=2
        )
    else:
        node_process.install()
