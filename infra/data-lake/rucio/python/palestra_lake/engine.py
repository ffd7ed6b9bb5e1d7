"""Two settings of SQLAlchemy that Rucio's configuration cannot say."""

from typing import Any

from sqlalchemy.engine import URL, CreateEnginePlugin


class PalestraEngine(CreateEnginePlugin):
    """Added by `plugin=palestra` in the address."""

    def __init__(self, url: URL, kwargs: dict[str, Any]) -> None:
        super().__init__(url, kwargs)
        # after a restart of PostgreSQL each pooled connection would fail one request
        kwargs["pool_pre_ping"] = True
        # messages of failed statements go to clients and logs, and a parameter may be a learner's token
        kwargs["hide_parameters"] = True

    def update_url(self, url: URL) -> URL:
        return url.difference_update_query(["plugin"])
