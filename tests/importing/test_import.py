"""The file that `import` writes: its keys, its comments, and what happens with text that it cannot have."""

import json
from typing import Any

import pytest

from emulator.organization import ORGANIZATION_ID
from pull_through_cache.deployment.modules import DEFAULT_MODULES
from pull_through_cache.importing.draft import Draft
from pull_through_cache.importing.upstreams import add_upstreams
from tests.aws import Json, allow
from tests.importing import registries
from tests.importing.conftest import Import, Read
from tests.importing.registries import ACCOUNT, OTHER, PULL, REGION, ROOT, UNCHANGED, WITHOUT_TEMPLATES, Registry

HEAD = f"""\
# The pull through caches of account {ACCOUNT}, as `pull-through-cache import` found them.
# Delete each `adopt` after the first apply.
"""
EVERYONE = allow(*PULL, principal="*", sid="Everyone")
NOT_PRINCIPAL = {"Effect": "Deny", "NotPrincipal": {"AWS": ROOT}, "Action": "ecr:ReplicateImage", "Resource": "*"}


def quay(registry: Registry, *statements: Json, **template: Any) -> None:
    registry.rule("quay", "quay.io")
    registry.template("quay", *statements, description="quay.io", **template)


def comments(printed: str) -> list[str]:
    return [line.strip() for line in printed.removeprefix(HEAD).splitlines() if line.strip().startswith("#")]


@pytest.mark.parametrize(
    "make", [*UNCHANGED.values(), *WITHOUT_TEMPLATES.values()], ids=[*UNCHANGED, *WITHOUT_TEMPLATES]
)
def test_a_file_is_valid(registry: Registry, imported: Read, make: Any) -> None:
    make(registry)
    found = imported()
    live = registry.ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    prefixes = sorted(rule["ecrRepositoryPrefix"] for rule in live)
    assert (found.registry.account_id, found.registry.regions) == (ACCOUNT, (REGION,))
    assert found.registry.prefixes == prefixes


@pytest.mark.parametrize("make", UNCHANGED.values(), ids=UNCHANGED)
def test_what_a_file_can_have_needs_no_comment(registry: Registry, import_: Import, make: Any) -> None:
    make(registry)
    assert comments(import_().stdout) == []


def test_a_policy_of_this_project_is_read_back_as_its_settings(registry: Registry, import_: Import) -> None:
    registries.made_by_this_project(registry)
    assert (
        import_().stdout
        == f"""{HEAD}\
registry:
  account_id: '{ACCOUNT}'
  regions: [{REGION}]
  upstreams:
    quay:
      registry: quay
      repositories:
        lifecycle: {{keep_last: 10}}
      adopt: true
  registry_policy: {{scope: V2, adopt: true}}
  scanning: {{type: ENHANCED, frequency: CONTINUOUS_SCAN, adopt: true}}
"""
    )


def test_the_access_of_one_upstream(registry: Registry, imported: Read) -> None:
    registries.access_of_one_upstream(registry)
    found = imported().registry
    assert found.pull_access.organization == "caller"
    access = found.upstreams["k8s"].pull_access
    assert access is not None
    assert access.accounts == (OTHER,)
    assert found.registry_policy.extra_statements == ()
    assert not found.upstreams["k8s"].repositories.statements_only


def test_a_rule_without_a_template(registry: Registry, import_: Import) -> None:
    registry.rule("quay", "quay.io")
    assert (
        "  upstreams:\n    # It has no template. The plan creates one, for repositories that are created later.\n"
        in (import_().stdout)
    )


def test_the_prefix_root(registry: Registry, imported: Read) -> None:
    registries.root(registry)
    assert list(imported().registry.upstreams) == ["ecr-public"]


def test_keys_differ_by_more_than_dashes(registry: Registry, imported: Read) -> None:
    for prefix in ("team/quay", "team-quay", "teamquay", "0quay"):
        registry.rule(prefix, "quay.io")
    assert list(imported().registry.upstreams) == ["quay-0quay", "team-quay", "team-quay-2", "teamquay-3"]


def test_settings_of_all_upstreams_are_written_once(registry: Registry, imported: Read) -> None:
    registries.eks_blueprints(registry)
    found = imported().registry
    assert found.repositories.lifecycle.keep_last == 10
    assert found.upstreams["k8s"].repositories.model_fields_set == {"description"}


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        pytest.param(EVERYONE, "statement Everyone from its policy: '*' allows every account", id="public"),
        pytest.param(
            allow(
                *PULL, principal={"AWS": ROOT}, condition={"StringEquals": {"aws:PrincipalOrgID": "${aws:username}"}}
            ),
            "statement 1 from its policy: holds an IAM policy variable",
            id="a policy variable",
        ),
    ],
)
def test_a_statement_that_a_file_cannot_have(registry: Registry, import_: Import, statement: Json, reason: str) -> None:
    quay(registry, statement)
    [comment] = comments(import_().stdout)
    assert comment.startswith(f"# The plan removes the {reason}")


@pytest.mark.parametrize(
    ("template", "comment"),
    [
        pytest.param(
            {"description": "${file(1)}"},
            "# The plan changes its template, as a file cannot have description: holds '${' or '%{', which Terraform would "
            "evaluate.",
            id="an expression",
        ),
        pytest.param(
            {"resourceTags": [{"Key": "a", "Value": "b"}]},
            "# Its template has tags or a KMS key and no role, so first pulls fail. The plan creates the role.",
            id="tags without a role",
        ),
        pytest.param(
            {"appliedFor": ["REPLICATION"]},
            "# Its template is for REPLICATION. The plan adds PULL_THROUGH_CACHE.",
            id="for replication",
        ),
        pytest.param(
            {"encryptionConfiguration": {"encryptionType": "KMS"}, "customRoleArn": f"arn:aws:iam::{OTHER}:role/r"},
            "# The plan changes its template, as a file cannot have role_arn: 'arn:aws:iam::900000000001:role/r' is not in "
            "account 123456789012.",
            id="a role of another account",
        ),
    ],
)
def test_a_template_that_a_file_cannot_have(
    registry: Registry, import_: Import, template: dict[str, Any], comment: str
) -> None:
    registry.rule("quay", "quay.io")
    registry.template("quay", **template)
    assert comment in comments(import_().stdout)


def test_a_rule_that_a_file_cannot_have(registry: Registry, import_: Import) -> None:
    quay(registry)
    role = registry.aws.role(name="ecr-pull-through", service="pullthroughcache.ecr.amazonaws.com")
    registry.rule("base", f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com", customRoleArn=role)
    printed = import_().stdout
    assert comments(printed) == [
        "# Left out, the rule base: role_arn is for a registry of another account.",
    ]
    assert "    base:" not in printed


def test_a_rule_for_a_registry_that_this_version_does_not_know() -> None:
    draft = Draft(ACCOUNT, REGION, DEFAULT_MODULES)
    add_upstreams(draft, [{"ecrRepositoryPrefix": "new", "upstreamRegistryUrl": "registry.example"}])
    place = ("registry", "upstreams")
    comment = "Left out, the rule new: this version does not know the registry registry.example."
    assert (draft.upstreams, draft.comments) == ({}, [(place, comment)])


def test_only_rules_that_a_file_cannot_have(registry: Registry, import_: Import) -> None:
    role = registry.aws.role(name="ecr-pull-through", service="pullthroughcache.ecr.amazonaws.com")
    registry.rule("base", f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com", customRoleArn=role)
    result = import_()
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("nothing to import: Left out, the rule base: role_arn is for a registry of another")


def test_a_policy_of_another_version(registry: Registry, import_: Import) -> None:
    old = json.dumps({"Version": "2008-10-17", "Statement": [allow(*PULL, principal={"AWS": ROOT}, sid="Old")]})
    registry.rule("quay", "quay.io")
    registry.template("quay", repositoryPolicy=old)
    [comment] = comments(import_().stdout)
    assert comment.endswith("its version is 2008-10-17, and this project writes 2012-10-17.")


def test_a_registry_policy_that_a_file_cannot_have_is_left_alone(registry: Registry, import_: Import) -> None:
    quay(registry)
    registry.registry_policy(NOT_PRINCIPAL)
    printed = import_().stdout
    assert comments(printed) == [
        "# Left as it is, because a file cannot have it: its statement 1 uses NotAction, NotPrincipal or NotResource."
    ]
    assert printed.endswith("  registry_policy: none\n")


def test_a_public_statement_of_the_registry_policy(registry: Registry, import_: Import) -> None:
    quay(registry)
    registry.registry_policy(allow("ecr:ReplicateImage", principal="*", resource="*"))
    printed = import_().stdout
    assert "# Left as it is, because a file cannot have it: extra_statements[0].principals '*' allows every" in printed
    assert printed.endswith("  registry_policy: none\n")


def test_the_old_scope(registry: Registry, import_: Import) -> None:
    registry.ecr.put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V1")
    registries.the_guide_s_examples(registry)
    assert (
        "  # The policy has the old scope V1. `scope: V2` changes it for the whole account.\n  registry_policy:\n"
        in (import_().stdout)
    )


@pytest.mark.parametrize(
    ("kind", "rules"),
    [
        pytest.param("BASIC", [("SCAN_ON_PUSH", ["prod*"])], id="other repositories"),
        pytest.param("ENHANCED", [("SCAN_ON_PUSH", ["*"]), ("CONTINUOUS_SCAN", ["apps/*"])], id="everything"),
        pytest.param("BASIC", [("MANUAL", ["quay/*"])], id="a frequency"),
    ],
)
def test_scanning_that_a_file_cannot_have(registry: Registry, import_: Import, kind: str, rules: Any) -> None:
    quay(registry)
    registry.scanning(kind, *rules)
    printed = import_().stdout
    assert "# Left out, the scanning configuration" in printed
    assert "\n  scanning:" not in printed


def test_a_template_without_a_rule(registry: Registry, import_: Import) -> None:
    quay(registry)
    registry.template("mirror", appliedFor=["REPLICATION"])
    assert comments(import_().stdout) == [
        "# Left out, the template mirror: there is no rule in the file with this prefix."
    ]


def test_text_from_aws_forges_no_yaml_and_no_terminal_sequence(registry: Registry, import_: Import) -> None:
    registry.rule("quay", "quay.io")
    registry.template("quay", description="x\n  evil: {registry: quay}\n# \x1b[2J\u202e: !!python/object")
    printed = import_().stdout
    assert printed.isascii()
    assert "\x1b" not in printed
    assert "evil" not in printed


@pytest.mark.parametrize("value", ["1e5", "0o17", "no", "2024-01-01", "<<", "~", "é: [", "012", ""])
def test_text_stays_text(registry: Registry, imported: Read, value: str) -> None:
    registry.rule("quay", "quay.io")
    registry.template("quay", description=value)
    assert imported().registry.upstreams["quay"].repositories.description == value


def test_the_organization_of_the_account_is_the_default(registry: Registry, imported: Read) -> None:
    registries.made_by_this_project(registry)
    assert imported().registry.pull_access.organization == "caller"


def test_without_permission_to_read_the_organization_its_id_is_written(registry: Registry, imported: Read) -> None:
    registries.made_by_this_project(registry)
    registry.aws.emulator.fail("organizations:DescribeOrganization", "AccessDeniedException")
    assert imported().registry.pull_access.organization == ORGANIZATION_ID
