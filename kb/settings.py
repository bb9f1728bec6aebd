"""What can be set from outside, each from the environment (`KB_...`) or the command line.

The command line and the tests make `Settings`; `KnowledgeBase.open` and the site read them. `docs/settings.md` lists
every one, and a test holds it to that.
"""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one knowledge base."""

    model_config = SettingsConfigDict(env_prefix="KB_", frozen=True)

    data: Path = Field(default=Path("var"), description="The folder of the database and the search index.")
    host: str = Field(default="127.0.0.1", description="The address `kb serve` listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port `kb serve` listens on; 0 takes a free one.")
    workers: int = Field(default=2, ge=1, le=64, description="How many processes `kb serve` answers with.")
    site_name: str = Field(default="Pan-Sussex safeguarding procedures", description="The name shown on every page.")

    @property
    def database(self) -> Path:
        """Where the record is."""
        return self.data / "manual.db"

    @property
    def index(self) -> Path:
        """Where the search index is; it can be deleted at any time and is made again from the record."""
        return self.data / "index"
