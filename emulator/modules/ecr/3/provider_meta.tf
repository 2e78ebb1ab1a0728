terraform {
  provider_meta "aws" {
    user_agent = ["github.com/terraform-aws-modules/terraform-aws-ecr"]
  }
}
