// The stacks of many workload accounts in plain JavaScript, as benchmarks/growth.py has them in a deployment file.
// Takes their number, and writes to the folder in CDKTF_OUTDIR.
'use strict';

const { App, LocalBackend, TerraformStack } = require('cdktf');
const { DataAwsIamPolicyDocument } = require('@cdktf/provider-aws/lib/data-aws-iam-policy-document');
const { IamPolicy } = require('@cdktf/provider-aws/lib/iam-policy');
const { IamRolePolicyAttachment } = require('@cdktf/provider-aws/lib/iam-role-policy-attachment');
const { AwsProvider } = require('@cdktf/provider-aws/lib/provider');

const NODES = 'container_registry_pull_through_access';
const REPOSITORIES = 'arn:aws:ecr:eu-central-1:123456789012:repository';

const app = new App();
for (let number = 1; number <= Number(process.argv[2]); number++) {
  const name = `workload-team-${number}`;
  const accountId = String(10 ** 11 + number);
  const stack = new TerraformStack(app, name);
  stack.addOverride('terraform', {
    required_providers: { aws: { version: '>= 5.100.0, < 7.0.0' } },
    required_version: '>= 1.10',
    backend: {
      s3: {
        bucket: 'states',
        encrypt: true,
        key: `ecr-pull-through-cache/${name}.tfstate`,
        region: 'eu-central-1',
        use_lockfile: true,
      },
    },
  });
  new LocalBackend(stack, { path: `../../../terraform.${name}.tfstate` });
  stack.addOverride('terraform.backend.local', undefined);
  new AwsProvider(stack, 'aws', {
    region: 'eu-central-1',
    allowedAccountIds: [accountId],
    assumeRole: [{ roleArn: `arn:aws:iam::${accountId}:role/terraform` }],
  });
  const document = new DataAwsIamPolicyDocument(stack, 'document', {
    statement: [
      { effect: 'Allow', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
      {
        effect: 'Allow',
        actions: [
          'ecr:BatchGetImage',
          'ecr:BatchImportUpstreamImage',
          'ecr:GetDownloadUrlForLayer',
          'ecr:CreateRepository',
        ],
        resources: [`${REPOSITORIES}/docker-hub/*`, `${REPOSITORIES}/public-ecr/*`],
      },
    ],
  });
  document.overrideLogicalId('ecr_pull_through');
  const policy = new IamPolicy(stack, 'policy', {
    name: 'container-registry-pull-through-access',
    description: 'Policy for EKS nodes to access ECR pull through cache repositories',
    policy: document.json,
  });
  policy.overrideLogicalId(NODES);
  new IamRolePolicyAttachment(stack, 'first', { role: 'eks-nodes', policyArn: policy.arn }).overrideLogicalId(NODES);
}
app.synth();
