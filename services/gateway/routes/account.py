"""One's own account: language, address, authenticator app, recovery codes, passkeys and sessions."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from chassis.database import open_untenanted
from services.gateway.domain.cursors import cursor_of
from services.gateway.domain.mail_addresses import mail_address
from services.gateway.errors.sign_in import PasskeyNotFound, SessionNotFound
from services.gateway.routes.parts import Body, Cursor, Limit, PartsOf, Storable
from services.gateway.routes.session import ChallengeAnswer, Code, Credential, Token
from services.gateway.routes.teammates import place_in
from services.gateway.store import factors, sessions, teammates
from services.gateway.store.factors import Passkey
from services.gateway.store.sessions import Method

router = APIRouter(tags=["account"])


NewEmail = Annotated[str, Field(min_length=3, max_length=254), AfterValidator(mail_address)]
PasskeyName = Annotated[str, Field(min_length=1, max_length=60), Storable]


class AccountBody(Body):
    name: Annotated[str | None, Field(min_length=1, max_length=100), Storable] = None
    language: teammates.Language | None = None


class EmailBody(Body):
    email: NewEmail


class TokenBody(Body):
    token: Token


class ConfirmBody(Body):
    code: Code


class PasskeyBody(Body):
    ticket: Token
    credential: Credential
    name: PasskeyName


class RenameBody(Body):
    name: PasskeyName


class AccountAnswer(BaseModel):
    id: str
    name: str
    email: str
    language: teammates.Language
    has_password: bool
    has_authenticator: bool
    recovery_codes_left: int
    passkeys: int


class EnrolmentAnswer(BaseModel):
    """Shown once, until a code has confirmed it."""

    secret: str
    uri: str
    svg: str = Field(description="The URI as a QR code")


class RecoveryCodes(BaseModel):
    recovery_codes: list[str] = Field(description="Each is good once. Shown once. 只顯示一次")


class PasskeyAnswer(BaseModel):
    id: str
    name: str
    backed_up: bool = Field(description="Kept by its maker for all of the owner's devices")
    made_at: datetime
    last_used_at: datetime | None


class PasskeyList(BaseModel):
    passkeys: list[PasskeyAnswer]


class SessionLineAnswer(BaseModel):
    id: str
    browser: str
    address: str
    method: Method
    current: bool
    created_at: datetime
    last_used_at: datetime


class SessionList(BaseModel):
    sessions: list[SessionLineAnswer]
    next_cursor: str | None


@router.get("/v1/account", summary="My account 我的帳號")
async def get_account(request: Request, parts: PartsOf) -> AccountAnswer:
    session = await parts.door.session(request)
    async with open_untenanted(parts.engine) as connection:
        teammate = await teammates.load_teammate_in(connection, session.teammate_id)
        return AccountAnswer(
            id=session.teammate_id,
            name=session.name,
            email=session.email,
            language=session.language,
            has_password=teammate is not None and teammate.password_hash is not None,
            has_authenticator=await parts.factors.is_on(connection, session.teammate_id),
            recovery_codes_left=await factors.count_recovery_codes(connection, session.teammate_id),
            passkeys=len(await factors.load_passkeys(connection, session.teammate_id)),
        )


@router.patch("/v1/account", status_code=204, summary="Change name or language 變更姓名或語言")
async def change_account(body: AccountBody, request: Request, parts: PartsOf) -> Response:
    """The language is that of our letters."""
    session = await parts.door.sessions.load_own(request)
    values = body.model_dump(exclude_none=True)
    if values:
        async with open_untenanted(parts.engine) as connection:
            await teammates.change_teammate(connection, session.teammate_id, **values)
            await parts.accounts.tell_change(
                connection, session, sorted(values), parts.door.sessions.place(request)
            )
    return Response(status_code=204)


@router.post(
    "/v1/account/email",
    status_code=202,
    response_class=Response,
    summary="Ask for another address 變更電子郵件",
)
async def ask_email_change(body: EmailBody, request: Request, parts: PartsOf) -> Response:
    """Needs a sign-in of the last ten minutes. The address counts once its letter's link was opened."""
    session = await parts.door.sessions.load_fresh(request)
    await parts.accounts.ask_email(session, body.email)
    return Response(status_code=202)


@router.post("/v1/account/email/confirmation", status_code=204, summary="Confirm the address 確認電子郵件")
async def confirm_email_change(body: TokenBody, request: Request, parts: PartsOf) -> Response:
    """Signed in as whoever asked; ends their other sessions."""
    session = await parts.door.sessions.load_own(request)
    await parts.accounts.confirm_email(session, body.token, parts.door.sessions.place(request))
    return Response(status_code=204)


@router.post("/v1/account/authenticator", status_code=201, summary="Begin with an app 設定驗證器應用程式")
async def begin_authenticator(request: Request, parts: PartsOf) -> EnrolmentAnswer:
    """Needs a sign-in of the last ten minutes."""
    session = await parts.door.sessions.load_fresh(request)
    async with open_untenanted(parts.engine) as connection:
        begun = await parts.factors.begin(connection, session.teammate_id, session.email)
    return EnrolmentAnswer(secret=begun.secret, uri=begun.uri, svg=begun.svg)


@router.post("/v1/account/authenticator/confirmation", status_code=201, summary="Turn the app on 啟用驗證器")
async def confirm_authenticator(
    body: ConfirmBody, request: Request, response: Response, parts: PartsOf
) -> RecoveryCodes:
    """With a code that the app shows. Ends the other sessions, and counts as a second factor in this one."""
    session = await parts.door.sessions.load_fresh(request)
    await parts.attempts.require("code", session.teammate_id)
    async with open_untenanted(parts.engine) as connection:
        token = await parts.door.sessions.renew(connection, session, second_factor=True)
        place = parts.door.sessions.place(request)
        codes = await parts.accounts.confirm_codes(connection, session, body.code, place)
    parts.door.sessions.give(response, token)
    return RecoveryCodes(recovery_codes=list(codes))


@router.delete("/v1/account/authenticator", status_code=204, summary="Turn the app off 停用驗證器")
async def remove_authenticator(request: Request, parts: PartsOf) -> Response:
    """Needs a sign-in of the last ten minutes, with a code. The recovery codes go with it."""
    session = await parts.door.sessions.load_fresh(request)
    async with open_untenanted(parts.engine) as connection:
        token = await parts.door.sessions.renew(connection, session)
        await parts.accounts.turn_codes_off(connection, session, parts.door.sessions.place(request))
    response = Response(status_code=204)
    parts.door.sessions.give(response, token)
    return response


@router.post("/v1/account/recovery-codes", status_code=201, summary="New recovery codes 重新產生備用碼")
async def make_recovery_codes(request: Request, parts: PartsOf) -> RecoveryCodes:
    """Needs a sign-in of the last ten minutes. The old ones are good no more."""
    session = await parts.door.sessions.load_fresh(request)
    codes = await parts.accounts.new_recovery_codes(session, parts.door.sessions.place(request))
    return RecoveryCodes(recovery_codes=list(codes))


@router.get("/v1/account/passkeys", summary="My passkeys 我的通行密鑰")
async def list_passkeys(request: Request, parts: PartsOf) -> PasskeyList:
    """All of them: an account has at most twenty."""
    session = await parts.door.session(request)
    async with open_untenanted(parts.engine) as connection:
        found = await factors.load_passkeys(connection, session.teammate_id)
    return PasskeyList(passkeys=[_passkey(one) for one in found])


@router.post("/v1/account/passkey-challenge", status_code=201, summary="Begin a passkey 建立通行密鑰")
async def challenge_new_passkey(request: Request, parts: PartsOf) -> ChallengeAnswer:
    """Needs a sign-in of the last ten minutes."""
    session = await parts.door.sessions.load_fresh(request)
    async with open_untenanted(parts.engine) as connection:
        begun = await parts.passkeys.begin_registration(
            connection, session.teammate_id, session.email, session.name
        )
    options: dict[str, Any] = dict(begun.options)
    return ChallengeAnswer(ticket=begun.ticket, options=options)


@router.post("/v1/account/passkeys", status_code=201, summary="Keep a new passkey 儲存通行密鑰")
async def add_passkey(body: PasskeyBody, request: Request, parts: PartsOf) -> PasskeyAnswer:
    session = await parts.door.sessions.load_fresh(request)
    place = parts.door.sessions.place(request)
    passkey_id = await parts.accounts.add_passkey(session, body.ticket, body.credential, body.name, place)
    async with open_untenanted(parts.engine) as connection:
        found = await factors.load_passkeys(connection, session.teammate_id)
    return _passkey(next(one for one in found if one.passkey_id == passkey_id))


@router.patch("/v1/account/passkeys/{passkey_id}", status_code=204, summary="Rename a passkey 更名通行密鑰")
async def rename_passkey(
    passkey_id: uuid.UUID, body: RenameBody, request: Request, parts: PartsOf
) -> Response:
    session = await parts.door.sessions.load_own(request)
    if not await factors.rename_passkey(parts.engine, session.teammate_id, str(passkey_id), body.name):
        raise PasskeyNotFound("You have no such passkey.")
    return Response(status_code=204)


@router.delete("/v1/account/passkeys/{passkey_id}", status_code=204, summary="Remove a passkey 移除通行密鑰")
async def remove_passkey(passkey_id: uuid.UUID, request: Request, parts: PartsOf) -> Response:
    """Needs a sign-in of the last ten minutes."""
    session = await parts.door.sessions.load_fresh(request)
    await parts.accounts.remove_passkey(session, str(passkey_id), parts.door.sessions.place(request))
    return Response(status_code=204)


@router.get("/v1/account/sessions", summary="Where I am signed in 我的登入裝置")
async def list_sessions(
    request: Request, parts: PartsOf, limit: Limit = 20, cursor: Cursor = ""
) -> SessionList:
    """Newest first."""
    session = await parts.door.session(request)
    found = await sessions.load_session_lines(
        parts.engine,
        session.teammate_id,
        parts.door.sessions.lifetimes.idle,
        after=place_in("sessions", cursor) if cursor else None,
        limit=limit + 1,
    )
    page, last = found[:limit], found[limit - 1] if len(found) > limit else None
    return SessionList(
        sessions=[
            SessionLineAnswer(
                id=line.session_id,
                current=line.session_id == session.session_id,
                **{
                    name: getattr(line, name)
                    for name in ("browser", "address", "method", "created_at", "last_used_at")
                },
            )
            for line in page
        ],
        next_cursor=cursor_of("sessions", last.created_at.isoformat(), last.session_id) if last else None,
    )


@router.delete("/v1/account/sessions", status_code=204, summary="Sign out everywhere 登出所有裝置")
async def sign_out_everywhere(request: Request, parts: PartsOf) -> Response:
    """This browser too."""
    session = await parts.door.sessions.load_own(request)
    await parts.accounts.end_sessions(session, parts.door.sessions.place(request))
    response = Response(status_code=204)
    parts.door.sessions.dismiss(response)
    return response


@router.delete("/v1/account/sessions/{session_id}", status_code=204, summary="End a session 登出裝置")
async def end_session(session_id: uuid.UUID, request: Request, parts: PartsOf) -> Response:
    session = await parts.door.sessions.load_own(request)
    place = parts.door.sessions.place(request)
    if not await parts.accounts.end_session(session, str(session_id), place):
        raise SessionNotFound("You have no such session.")
    return Response(status_code=204)


def _passkey(passkey: Passkey) -> PasskeyAnswer:
    return PasskeyAnswer(
        id=passkey.passkey_id,
        name=passkey.name,
        backed_up=passkey.backed_up,
        made_at=passkey.made_at,
        last_used_at=passkey.last_used_at,
    )
