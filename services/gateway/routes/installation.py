"""Is the snippet in the shop's page, and may it work there."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.gateway.domain.installations import Level
from services.gateway.errors.requests import TooManyCalls
from services.gateway.installations import Installations
from services.gateway.outbound import Outbound
from services.gateway.routes.parts import Body, Caller, PartsOf, Storable

router = APIRouter(tags=["tenant"])

_WAIT_SECONDS = 60


class CheckBody(Body):
    url: Annotated[
        str,
        Field(
            min_length=1, max_length=2000, description="A page of the shop that everybody may open, https://…"
        ),
        Storable,
    ]


class FindingAnswer(BaseModel):
    code: str = Field(
        description="What was found, such as SNIPPET_MISSING, KEY_NOT_OF_SHOP, CSP_CONNECT; "
        "docs/guides/snippet.md says what to do about each"
    )
    level: Level = Field(
        description="good; note: meant so, but good to know; warning; bad: nothing arrives, or not from here"
    )
    facts: dict[str, str] = Field(description="Hosts, names and directives that the finding is about")


class InstallationAnswer(BaseModel):
    """What one look at one page found. 對一個網頁的安裝檢查"""

    url: str = Field(description="Where the page was, behind redirects")
    checked_at: datetime
    findings: list[FindingAnswer]


@router.post("/v1/installation-checks", summary="Look at a page for the snippet 檢查網頁的追蹤碼")
async def check_installation(
    body: CheckBody, request: Request, principal: Caller, parts: PartsOf
) -> InstallationAnswer:
    """Fetches the page once, from a public address only, runs nothing of it and keeps nothing."""
    if not await parts.attempts.may("page looked at", principal.tenant_id):
        raise TooManyCalls("Pages are looked at too often.", retry_after_seconds=_WAIT_SECONDS)
    settings = parts.settings
    # Whoever opens the console under another name has pasted that one.
    own = (settings.public_url, str(request.base_url).rstrip("/"))
    looks = Installations(
        parts.engine, Outbound(private=settings.private_outbound), own, settings.snippet_folder
    )
    looked = await looks.look(principal.tenant_id, body.url.strip())
    return InstallationAnswer(
        url=looked.url,
        checked_at=datetime.now(UTC),
        findings=[
            FindingAnswer(code=one.code, level=one.level, facts=dict(one.facts)) for one in looked.findings
        ],
    )
