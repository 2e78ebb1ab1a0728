"""A role for creation templates, which need one for tags and KMS keys of the repositories that they shape."""

from collections.abc import Iterable

from constructs import Construct

from pull_through_cache.aws.policies import TemplateRoleUse, template_role_policy, template_role_trust
from pull_through_cache.constructs.service_role import ServiceRole


class TemplateRole(ServiceRole):
    """One role for several creation templates, which may do what they need and nothing else.

    - `uses`: what each template needs.
    - `address`, attributes: see ServiceRole.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        uses: Iterable[TemplateRoleUse],
        path: str | None = None,
        permissions_boundary: str | None = None,
        address: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            id,
            name_prefix="ecr-templates-pull-through-",
            trusted=template_role_trust(),
            allowed=template_role_policy(uses),
            path=path,
            permissions_boundary=permissions_boundary,
            address=address,
        )
