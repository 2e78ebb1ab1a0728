// The stack of deployments/blog-post.yaml in plain JavaScript, without jsii and without a deployment file.
// Writes to the folder in CDKTF_OUTDIR.
'use strict';

const { App, LocalBackend, TerraformHclModule, TerraformIterator, TerraformStack, TerraformVariable } = require('cdktf');
const { DataAwsCallerIdentity } = require('@cdktf/provider-aws/lib/data-aws-caller-identity');
const { DataAwsIamPolicyDocument } = require('@cdktf/provider-aws/lib/data-aws-iam-policy-document');
const { DataAwsOrganizationsOrganization } = require('@cdktf/provider-aws/lib/data-aws-organizations-organization');
const { IamPolicy } = require('@cdktf/provider-aws/lib/iam-policy');
const { IamRolePolicyAttachment } = require('@cdktf/provider-aws/lib/iam-role-policy-attachment');
const { AwsProvider } = require('@cdktf/provider-aws/lib/provider');

const NAME = 'shared-services-eu-central-1';
const CREDENTIALS = 'secrets_manager_dockerhub_credentials';
const NODES = 'container_registry_pull_through_access';

function pinned(element, name) {
  element.overrideLogicalId(name);
  return element;
}

const app = new App();
const stack = new TerraformStack(app, NAME);
stack.addOverride('terraform.required_version', '>= 1.0');
stack.addOverride('terraform.required_providers.aws.version', '>= 5.100.0, < 7.0.0');
new LocalBackend(stack, { path: `../../../terraform.${NAME}.tfstate` });
new AwsProvider(stack, 'aws', { region: 'eu-central-1' });
const caller = pinned(new DataAwsCallerIdentity(stack, 'caller'), 'current');
const organization = pinned(new DataAwsOrganizationsOrganization(stack, 'organization'), 'current');

for (const [name, what] of [['username', 'User name'], ['access_token', 'Access token']]) {
  const description = `${what} for the upstream registry docker-hub.`;
  new TerraformVariable(stack, `docker_hub_${name}`, { type: 'string', description, sensitive: true });
}
const secret = new TerraformHclModule(stack, 'secret', {
  source: 'terraform-aws-modules/secrets-manager/aws',
  version: '~> 1.0',
  variables: {
    name_prefix: 'ecr-pullthroughcache/dockerhub-credentials',
    description: 'DockerHub credentials',
    recovery_window_in_days: 30,
    create_policy: true,
    block_public_policy: true,
    secret_string:
      '${jsonencode({"username" = var.docker_hub_username, "accessToken" = var.docker_hub_access_token})}',
    policy_statements: {
      read: {
        sid: 'AllowAccountRead',
        principals: [{ type: 'AWS', identifiers: [`arn:aws:iam::${caller.accountId}:root`] }],
        actions: ['secretsmanager:GetSecretValue'],
        resources: ['*'],
      },
    },
  },
});
pinned(secret, CREDENTIALS);

const caches = new TerraformHclModule(stack, 'caches', {
  source: 'terraform-aws-modules/ecr/aws//modules/repository-template',
  version: '~> 2.3.0',
  forEach: TerraformIterator.fromMap({
    'docker-hub': {
      prefix: 'docker-hub',
      description: 'registry-1.docker.io',
      upstream_registry_url: 'registry-1.docker.io',
      credential_arn: `\${[module.${CREDENTIALS}.secret_arn, module.${CREDENTIALS}.secret_version_id][0]}`,
    },
    'public-ecr': { prefix: 'public-ecr', description: 'public.ecr.aws', upstream_registry_url: 'public.ecr.aws' },
  }),
  variables: {
    prefix: '${each.value.prefix}',
    description: '${each.value.description}',
    upstream_registry_url: '${each.value.upstream_registry_url}',
    credential_arn: '${try(each.value.credential_arn, null)}',
    create_pull_through_cache_rule: true,
    image_tag_mutability: 'MUTABLE',
    repository_policy_statements: {
      AllowReadFromOrganization: {
        sid: 'AllowReadFromOrganization',
        effect: 'Allow',
        actions: [
          'ecr:CreateRepository',
          'ecr:BatchCheckLayerAvailability',
          'ecr:BatchGetImage',
          'ecr:BatchImportUpstreamImage',
          'ecr:DescribeImages',
          'ecr:GetAuthorizationToken',
          'ecr:GetDownloadUrlForLayer',
        ],
        principals: [{ type: 'AWS', identifiers: ['*'] }],
        conditions: [{ test: 'StringEquals', variable: 'AWS:PrincipalOrgID', values: [organization.id] }],
      },
    },
  },
});
pinned(caches, 'ecr_pull_through_caches');

const document = new DataAwsIamPolicyDocument(stack, 'document', {
  statement: [
    {
      effect: 'Allow',
      actions: [
        'ecr:BatchGetImage',
        'ecr:BatchImportUpstreamImage',
        'ecr:GetAuthorizationToken',
        'ecr:GetDownloadUrlForLayer',
        'ecr:CreateRepository',
      ],
      resources: ['*'],
    },
  ],
});
pinned(document, 'ecr_pull_through');
const policy = new IamPolicy(stack, 'policy', {
  name: 'container-registry-pull-through-access',
  description: 'Policy for EKS nodes to access ECR pull through cache repositories',
  policy: document.json,
});
pinned(policy, NODES);
pinned(new IamRolePolicyAttachment(stack, 'first', { role: 'eks-nodes', policyArn: policy.arn }), NODES);

app.synth();
