# The default deployment, written by hand in HCL in five steps: same addresses, same values.

variable "docker_hub_username" { sensitive = true }
variable "docker_hub_access_token" { sensitive = true }

provider "aws" {
  region = "eu-central-1"
}

data "aws_caller_identity" "current" {}

data "aws_organizations_organization" "current" {}

locals {
  caches = {
    docker-hub = {
      url        = "registry-1.docker.io"
      credential = module.secrets_manager_dockerhub_credentials.secret_arn
    }
    public-ecr = { url = "public.ecr.aws" }
  }
}

module "secrets_manager_dockerhub_credentials" {
  source  = "terraform-aws-modules/secrets-manager/aws"
  version = "~> 1.0"

  name_prefix             = "ecr-pullthroughcache/dockerhub-credentials"
  description             = "DockerHub credentials"
  recovery_window_in_days = 30
  create_policy           = true
  block_public_policy     = true

  policy_statements = {
    read = {
      sid        = "AllowAccountRead"
      actions    = ["secretsmanager:GetSecretValue"]
      resources  = ["*"]
      principals = [{ type = "AWS", identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"] }]
    }
  }

  secret_string = jsonencode({
    username    = var.docker_hub_username
    accessToken = var.docker_hub_access_token
  })
}

module "ecr_pull_through_caches" {
  source   = "terraform-aws-modules/ecr/aws//modules/repository-template"
  version  = "~> 2.3.0"
  for_each = local.caches

  create_pull_through_cache_rule = true
  upstream_registry_url          = each.value.url
  credential_arn                 = lookup(each.value, "credential", null)
  prefix                         = replace(each.key, "_", "-")
  description                    = each.value.url
  image_tag_mutability           = "MUTABLE"

  repository_policy_statements = {
    AllowReadFromOrganization = {
      sid        = "AllowReadFromOrganization"
      effect     = "Allow"
      principals = [{ type = "AWS", identifiers = ["*"] }]
      actions = [
        "ecr:CreateRepository",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:DescribeImages",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
      ]
      conditions = [{
        test     = "StringEquals"
        variable = "AWS:PrincipalOrgID"
        values   = [data.aws_organizations_organization.current.id]
      }]
    }
  }
}

data "aws_iam_policy_document" "ecr_pull_through" {
  statement {
    resources = ["*"]
    actions = [
      "ecr:BatchGetImage",
      "ecr:BatchImportUpstreamImage",
      "ecr:GetAuthorizationToken",
      "ecr:GetDownloadUrlForLayer",
      "ecr:CreateRepository",
    ]
  }
}

resource "aws_iam_policy" "container_registry_pull_through_access" {
  name        = "container-registry-pull-through-access"
  description = "Policy for EKS nodes to access ECR pull through cache repositories"
  policy      = data.aws_iam_policy_document.ecr_pull_through.json
}

resource "aws_iam_role_policy_attachment" "container_registry_pull_through_access" {
  role       = "eks-nodes"
  policy_arn = aws_iam_policy.container_registry_pull_through_access.arn
}
