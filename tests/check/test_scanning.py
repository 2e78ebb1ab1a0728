"""The scanning configuration of the registry, and the rules of others that a deploy would remove."""

import yaml

from tests.aws import Json
from tests.check.worlds import DEPLOY, World, scanning_rule

WHERE = "us-east-1, scanning"
OURS = ("docker-hub/*", "quay/*")
APPS = scanning_rule("SCAN_ON_PUSH", "apps/*", *OURS)
PRODUCTION = scanning_rule("CONTINUOUS_SCAN", "production")
KEEP = "keep it with the YAML for `scanning` that check prints, or delete it from the registry"


def paste(world: World) -> Json:
    """Follows the remedy: replaces `scanning` in the deployment file. Returns the new value."""
    text = world.run().stderr.partition("# Under `registry:`\n")[2]
    pasted: Json = yaml.safe_load(text)["scanning"]
    content = yaml.safe_load(world.file.read_text())
    content["registry"]["scanning"] = pasted
    world.file.write_text(yaml.safe_dump(content))
    return pasted


def test_the_configuration_of_the_file_is_no_finding(world: World) -> None:
    world.scan(*OURS)
    assert world.found() == {}


def test_without_scanning_in_the_file_any_configuration_is_no_finding(world: World) -> None:
    world.ecr.put_registry_scanning_configuration(scanType="ENHANCED", rules=[PRODUCTION])
    assert world.found() == {}


def test_caches_that_nothing_scans(world: World) -> None:
    world.scan("quay/*", kind="ENHANCED")
    assert world.found() == {
        WHERE: [
            ("its type is ENHANCED, not BASIC", DEPLOY),
            ("it lacks SCAN_ON_PUSH for docker-hub/*", DEPLOY),
        ]
    }


def test_a_rule_of_others_is_kept_with_the_proposed_yaml(world: World) -> None:
    world.scan(rules=[APPS])
    assert world.found() == {WHERE: [("a deploy removes its rule: SCAN_ON_PUSH for apps/*", KEEP)]}

    assert paste(world) == {
        "type": "BASIC",
        "extra_rules": [{"frequency": "SCAN_ON_PUSH", "repositories": ["apps/*"]}],
    }
    assert world.found() == {}


def test_a_rule_that_needs_another_type(world: World) -> None:
    world.scan(*OURS, rules=[PRODUCTION], kind="ENHANCED")
    remedy = "write `type: ENHANCED`, which CONTINUOUS_SCAN needs, and run check again; or delete it from the registry"
    assert world.found() == {
        WHERE: [
            ("its type is ENHANCED, not BASIC", DEPLOY),
            ("a deploy removes its rule: CONTINUOUS_SCAN for production", remedy),
        ]
    }

    world.deployment("type: BASIC", "type: ENHANCED")
    paste(world)
    assert world.found() == {}


def test_a_manual_rule_changes_nothing(world: World) -> None:
    world.scan(*OURS, rules=[scanning_rule("MANUAL", "legacy")])
    assert world.found() == {}
