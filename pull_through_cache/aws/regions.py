"""The AWS Regions where ECR offers pull through caches.

Source: botocore's list of the Regions of ECR, partition `aws` (a test compares them). The page
"Sync an upstream registry" of the Amazon ECR User Guide leaves out the China and AWS GovCloud (US) Regions.
"""

REGIONS = frozenset(
    """
    af-south-1
    ap-east-1 ap-east-2
    ap-northeast-1 ap-northeast-2 ap-northeast-3
    ap-south-1 ap-south-2
    ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
    ca-central-1 ca-west-1
    eu-central-1 eu-central-2
    eu-north-1
    eu-south-1 eu-south-2
    eu-west-1 eu-west-2 eu-west-3
    il-central-1
    me-central-1 me-south-1
    mx-central-1
    sa-east-1
    us-east-1 us-east-2
    us-west-1 us-west-2
    """.split()
)

REGIONS_WITHOUT_PULL_THROUGH_CACHE = frozenset("cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1".split())
