"""Many pulls at the same time."""

from concurrent.futures import ThreadPoolExecutor

from tests.aws import REGISTRY
from tests.registries import EVERYTHING, Registries

ELSEWHERE = REGISTRY.replace("us-east-1", "eu-west-1")
PULLS = 100


def test_first_pulls_through_two_registries(registries: Registries) -> None:
    """Each waits for a second request to the emulator."""
    tags = [registries.app.add(str(number), {"number": b"%d" % number}) and str(number) for number in range(PULLS)]
    registries.aws.cache_quay()
    registries.aws.client("ecr", region="eu-west-1").create_pull_through_cache_rule(
        ecrRepositoryPrefix="copy", upstreamRegistryUrl=REGISTRY
    )
    password = registries.token(registries.aws.role(EVERYTHING))

    def status(tag: str) -> int:
        return registries.ask(f"https://{ELSEWHERE}/v2/copy/quay/team/app/manifests/{tag}", password)[0]

    with ThreadPoolExecutor(PULLS) as pool:
        assert set(pool.map(status, tags)) == {200}
