from tests.images.conftest import named, run

__all__ = ["named", "run"]
