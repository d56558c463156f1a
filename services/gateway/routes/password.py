"""Passwords: a reset by letter for whoever forgot, a change for whoever knows the old one."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from chassis.database import open_untenanted
from services.gateway.routes.parts import Body, PartsOf
from services.gateway.routes.session import Code, Email, Password, Token

router = APIRouter(tags=["account"])

NewPassword = Annotated[
    str, Field(min_length=8, max_length=1024, description="8 characters or more, 15 are better. 至少 8 字")
]


class AskResetBody(Body):
    email: Email


class ResetBody(Body):
    token: Token
    password: NewPassword


class ChangeBody(Body):
    current: Password
    password: NewPassword
    code: Code = ""


@router.post(
    "/v1/password-resets", status_code=202, response_class=Response, summary="Ask for a new password 忘記密碼"
)
async def ask_password_reset(body: AskResetBody, request: Request, parts: PartsOf) -> Response:
    """The same answer whether or not somebody signs in with the address, to whom we write."""
    parts.door.require_own_page(request, unknown_is_own=True)
    await parts.accounts.ask_reset(body.email.strip().lower(), parts.door.sessions.place(request))
    return Response(status_code=202)


@router.post("/v1/password-resets/completion", status_code=204, summary="Set a new password 重設密碼")
async def complete_password_reset(body: ResetBody, request: Request, parts: PartsOf) -> Response:
    """Ends all sessions of the account and signs nobody in: a second factor is still asked for."""
    parts.door.require_own_page(request, unknown_is_own=True)
    place = parts.door.sessions.place(request)
    teammate_id = await parts.accounts.reset_password(body.token, body.password, place)
    response = Response(status_code=204)
    parts.door.sessions.dismiss(response)
    # Whoever reads the letters of an account is not slowed down by those who guess at it.
    parts.door.sessions.remember(response, teammate_id, place)
    return response


@router.put("/v1/account/password", status_code=204, summary="Change the password 變更密碼")
async def change_password(body: ChangeBody, request: Request, parts: PartsOf) -> Response:
    """Ends every other session of the account, and gives this one a new cookie."""
    session = await parts.door.sessions.load_own(request)
    place = parts.door.sessions.place(request)
    shown = await parts.sign_in.require_password(session, body.current, body.code, place)
    new = await parts.accounts.new_password(session, body.password)
    async with open_untenanted(parts.engine) as connection:
        token = await parts.door.sessions.renew(connection, session, second_factor=shown)
        await parts.accounts.change_password(connection, session, new, place)
    response = Response(status_code=204)
    parts.door.sessions.give(response, token)
    return response
