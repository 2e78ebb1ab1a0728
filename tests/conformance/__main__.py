"""Put the questions to AWS: print what will be made, ask, and write conformance.md. Run it with ``make conformance``."""

import os
import secrets
import sys
from pathlib import Path

import pytest
from botocore.session import Session

from tests.conformance.report import Report

REPORT = Path("conformance.md")
PLAN = """\
Questions are put to account {account} ({profile}) and, for what is between accounts, {other} ({other_profile}),
in {region}. They make, one question after the other, and delete after each question:
  - pull through cache rules, creation templates, repositories with one image
  - secrets without anything secret, IAM roles and policies
  - for one question a registry policy, unless the registry has one
All names begin with {prefix} (those of secrets after ecr-pullthroughcache/). It takes some minutes and costs cents.
The answers that differ from the emulator's are written to {report}.
"""


def main() -> int:
    """The exit code: 0 when all answers are the emulator's, 1 when some differ, 2 when the run cannot begin."""
    profile = os.environ.get("AWS_PROFILE")
    if not profile:
        print("Set AWS_PROFILE to a profile of a sandbox account, and OTHER_AWS_PROFILE to one of another account.")
        return 2
    other_profile = os.environ.get("OTHER_AWS_PROFILE", profile)
    region = Session(profile=profile).get_config_variable("region")
    if not region:
        print(f"Set AWS_DEFAULT_REGION, or the region of the profile {profile}.")
        return 2
    account, other = (_account(each, region) for each in (profile, other_profile))
    prefix = f"ptc-conf-{secrets.token_hex(3)}"
    names = {"profile": profile, "other_profile": other_profile, "report": REPORT}
    print(PLAN.format(account=account, other=other, region=region, prefix=prefix, **names))
    if input("Continue? [y/N] ").strip().lower() != "y":
        return 2
    os.environ |= {"CONFORMANCE": "aws", "CONFORMANCE_PREFIX": prefix}
    questions = str(Path(__file__).parent / "test_questions.py")
    return int(
        pytest.main([questions, "-p", "no:cacheprovider", "-p", "no:xdist"], plugins=[Report(REPORT, region)]) != 0
    )


def _account(profile: str, region: str) -> str:
    client = Session(profile=profile).create_client("sts", region_name=region)
    return str(client.get_caller_identity()["Account"])


if __name__ == "__main__":
    sys.exit(main())
