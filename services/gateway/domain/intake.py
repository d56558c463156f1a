"""Judges each event of a request by itself: taken, or set aside with its reason. Good + bad = received."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from services.gateway.domain.bodies import OpenedBody
from services.gateway.domain.claims import Found, claims_of_external_ids, claims_of_traits
from services.gateway.domain.envelope import (
    Context,
    Envelope,
    ServerEnvelope,
    Unreadable,
    coerced,
    deep_fault,
    fault,
    too_deep,
    without_credentials,
    without_tokens,
)
from services.gateway.domain.events import (
    KIND_BY_TYPE,
    MAX_EVENT_BYTES,
    MAX_IDENTIFIER_CHARS,
    MAX_MESSAGE_ID_CHARS,
    MAX_NAME_CHARS,
    AcceptedRows,
    BadRow,
    Claim,
    Consent,
    EventKind,
    IdentifierKind,
    Intake,
    UnreadableBody,
)
from services.gateway.domain.keys import SourceKind
from services.gateway.domain.statements import (
    ADVERTISING,
    SPEAKING,
    Basis,
    Said,
    add,
    said_by_name,
    said_in_context,
)
from services.gateway.domain.timestamps import (
    EARLIEST_MS,
    FUTURE_LIMIT_MS,
    clock_skew_ms,
    milliseconds,
)
from services.gateway.domain.verification import TokenCheck

_DECODERS: dict[SourceKind, msgspec.json.Decoder[Envelope]] = {
    "browser": msgspec.json.Decoder(Envelope),
    "server": msgspec.json.Decoder(ServerEnvelope),
}
_PAGE, _SCREEN = EventKind.PAGE, EventKind.SCREEN
# Longer than any time anybody writes.
_MAX_SENT_AT_CHARS = 64
_SENT_AT = re.compile(rb'"sentAt"\s*:\s*"[^"\\]*"')
# Members that hardly two events share.
_TELLING = (b'"messageId"', b'"timestamp"', b'"originalTimestamp"')


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a request says beside its events, and who looks at the tokens inside them."""

    # The browser sends the Global Privacy Control signal.
    gpc: bool = False
    # None: the tenant looks at no tokens, or its own server sends.
    tokens: TokenCheck | None = None


_PLAIN = Circumstances()
_NO_CONTEXT = Context()


class Intaker:
    """The judge of one kind of key; `random_id` names events that cannot be told from their retries."""

    def __init__(self, key_kind: SourceKind, random_id: Callable[[], str]) -> None:
        self._decode = _DECODERS[key_kind].decode
        self._may_claim = key_kind == "server"
        self._random_id = random_id

    def judge(
        self,
        body: OpenedBody,
        call: EventKind | None,
        received_at_ms: int,
        around: Circumstances = _PLAIN,
    ) -> Intake:
        """Every event of the body, in order, on one side or the other.

        `call` is the kind that the path names; None lets each event name its own. Raises UnreadableBody
        when the one event of a single call is no JSON object.
        """
        accepted, rejected = AcceptedRows(), []
        skew_ms = clock_skew_ms(body.sent_at, received_at_ms)
        for event in body.events:
            envelope: Envelope | None = None
            try:
                envelope = self._read(event, body.damaged)
                self._take(accepted, envelope, event, (call, around), (received_at_ms, skew_ms))
            except Unreadable as unfit:
                if call is not None and unfit.reason in ("INVALID_JSON", "NOT_AN_OBJECT"):
                    raise UnreadableBody("BODY_NOT_JSON", unfit.detail) from unfit
                message_id = (envelope.message_id or "") if envelope is not None else ""
                rejected.append(
                    BadRow(
                        unfit.reason,
                        unfit.detail,
                        event,
                        message_id[:MAX_MESSAGE_ID_CHARS],
                        call=call or 0,
                        sent_at=(body.sent_at or "")[:_MAX_SENT_AT_CHARS],
                        copy_key=_copy_key(event, call, self._may_claim),
                    )
                )
        return Intake(accepted, rejected)

    def _read(self, event: bytes, damaged: bool) -> Envelope:
        if len(event) > MAX_EVENT_BYTES:
            raise Unreadable(
                "EVENT_TOO_LARGE", f"The event has {len(event)} bytes, at most {MAX_EVENT_BYTES} are taken."
            )
        if too_deep(event):
            raise deep_fault()
        try:
            if damaged:
                event.decode()
            return self._decode(event)
        except msgspec.ValidationError:
            try:
                return self._decode(coerced(event))
            except (msgspec.DecodeError, ValueError, RecursionError):
                raise fault(event) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise fault(event) from None

    def _take(
        self,
        rows: AcceptedRows,
        envelope: Envelope,
        event: bytes,
        request: tuple[EventKind | None, Circumstances],
        clock: tuple[int, int],
    ) -> None:
        call, around = request
        kind = call or KIND_BY_TYPE.get(envelope.type)
        if kind is None:
            raise Unreadable("UNKNOWN_TYPE", f"type: {_shown(envelope.type)} is not one of {_TYPES}.")
        user_id, anonymous_id = envelope.user_id or "", envelope.anonymous_id or ""
        if not user_id and not anonymous_id:
            raise Unreadable("MISSING_PERSON", "userId, anonymousId: one of them must be given.")
        if user_id:
            _check_identifier("userId", user_id)
        if anonymous_id:
            _check_identifier("anonymousId", anonymous_id)
        name = _name(kind, envelope)
        timestamp_ms = _timestamp_ms(envelope, *clock)
        claims = self._claims(kind, envelope) if self._may_claim or kind is EventKind.ALIAS else ()
        context = envelope.context or _NO_CONTEXT
        if context.identity_token is not None or context.line_id_token is not None:
            event = without_tokens(event)
        if envelope.write_key is not None or envelope.sent_at is not None:
            event = without_credentials(event)
        message_id = self._message_id(kind, envelope, event)
        # From here on only the tenant's rule refuses: sparse columns hold rows that are taken.
        row = len(rows.kinds)
        if around.tokens is not None:
            user_id = _vouched(rows, around.tokens, context, (user_id, anonymous_id), clock[0])
        if claims:
            rows.claims.extend(Claim(row, claim_kind, value) for claim_kind, value in claims)
        if context.consent is not None or around.gpc or name in SPEAKING:
            self._note_said(rows, context, name, event, gpc=around.gpc)
        rows.kinds.append(kind)
        rows.names.append(name)
        rows.timestamps_ms.append(timestamp_ms)
        rows.message_ids.append(message_id)
        rows.user_ids.append(user_id)
        rows.anonymous_ids.append(anonymous_id)
        rows.payloads.append(event)

    def _message_id(self, kind: EventKind, envelope: Envelope, event: bytes) -> str:
        message_id = envelope.message_id
        if not message_id:
            dated = envelope.timestamp or envelope.original_timestamp
            return "~" + (_fingerprint(kind, event) if dated else self._random_id())
        if len(message_id) > MAX_MESSAGE_ID_CHARS or "\0" in message_id:
            raise Unreadable(
                *_unfit_text("messageId", message_id, MAX_MESSAGE_ID_CHARS, "MESSAGE_ID_TOO_LONG")
            )
        return message_id

    def _note_said(self, rows: AcceptedRows, context: Context, name: str, event: bytes, *, gpc: bool) -> None:
        """What the next row says of consents and addresses."""
        row = len(rows.kinds)
        said: Said = {}
        if context.consent is not None:
            said, unclear = said_in_context(context.consent)
            rows.unclear_consents += unclear
        if gpc:
            add(said, ADVERTISING, False, Basis.GPC)
        if name in SPEAKING:
            more, addresses = said_by_name(name, event, from_server=self._may_claim)
            for purpose, (granted, basis) in more.items():
                add(said, purpose, granted, basis)
            rows.address_reports.extend((row, address) for address in addresses)
        rows.consents.extend(
            Consent(row, purpose, granted, basis) for purpose, (granted, basis) in said.items()
        )

    def _claims(self, kind: EventKind, envelope: Envelope) -> list[Found]:
        found: list[Found] = []
        if kind is EventKind.ALIAS:
            previous_id = envelope.previous_id or ""
            if not previous_id:
                raise Unreadable("MISSING_PREVIOUS_ID", "previousId: alias needs the identifier it replaces.")
            _check_identifier("previousId", previous_id)
            found.append((IdentifierKind.ANONYMOUS_ID, previous_id))
        if isinstance(envelope, ServerEnvelope):
            found.extend(_server_claims(kind, envelope))
        # The same identifier may stand in traits and in externalIds.
        return list(dict.fromkeys(found))


_TYPES = ", ".join(name for name in KIND_BY_TYPE if name)


def _vouched(
    rows: AcceptedRows, tokens: TokenCheck, context: Context, person: tuple[str, str], now_ms: int
) -> str:
    """The user id that the next row may claim, with what tokens prove of it noted; "" for none."""
    user_id, anonymous_id = person
    row = len(rows.kinds)
    if user_id and tokens.asked:
        if tokens.vouches(context.identity_token, user_id, now_ms):
            rows.verified_rows.append(row)
        elif tokens.enforced:
            if not anonymous_id:
                raise Unreadable(
                    "IDENTITY_NOT_VERIFIED",
                    "userId: the tenant takes members from browsers only with context.identityToken, signed "
                    "by its server for this userId and still valid.",
                )
            user_id = ""
    if context.line_id_token is not None:
        line_id = tokens.line_id(context.line_id_token, now_ms)
        if line_id is not None:
            rows.claims.append(Claim(row, IdentifierKind.LINE_ID, line_id, verified=True))
    return user_id


def _server_claims(kind: EventKind, envelope: ServerEnvelope) -> Iterator[Found]:
    if kind is EventKind.IDENTIFY:
        yield from claims_of_traits(envelope.traits)
    if envelope.context is not None:
        if kind is EventKind.IDENTIFY:
            yield from claims_of_traits(envelope.context.traits)
        try:
            for found in claims_of_external_ids(envelope.context.external_ids):
                if "\0" in found[1]:
                    raise Unreadable("NUL_CHARACTER", "context.externalIds: holds the character NUL.")
                yield found
        except ValueError as error:
            raise Unreadable("INVALID_EXTERNAL_ID", f"{error}.") from error


def _name(kind: EventKind, envelope: Envelope) -> str:
    if kind is EventKind.TRACK:
        field, name = "event", envelope.event or ""
        if not name:
            raise Unreadable("MISSING_EVENT_NAME", "event: track needs the name of what was done.")
    elif kind is _PAGE or kind is _SCREEN:
        field, name = "name", envelope.name or ""
    else:
        return ""
    if len(name) > MAX_NAME_CHARS or "\0" in name:
        raise Unreadable(*_unfit_text(field, name, MAX_NAME_CHARS, "NAME_TOO_LONG"))
    return name


def _check_identifier(field: str, value: str) -> None:
    if len(value) > MAX_IDENTIFIER_CHARS or "\0" in value:
        raise Unreadable(*_unfit_text(field, value, MAX_IDENTIFIER_CHARS, "IDENTIFIER_TOO_LONG"))


def _unfit_text(field: str, value: str, most: int, too_long: str) -> tuple[str, str]:
    if "\0" in value:
        return "NUL_CHARACTER", f"{field}: holds the character NUL."
    return too_long, f"{field}: has {len(value)} characters, at most {most} are taken."


def _timestamp_ms(envelope: Envelope, received_at_ms: int, skew_ms: int) -> int:
    field, sent = "timestamp", envelope.timestamp
    if not sent:
        field, sent = "originalTimestamp", envelope.original_timestamp
        if not sent:
            return received_at_ms
    happened_at_ms = milliseconds(sent)
    if happened_at_ms is None:
        raise Unreadable("INVALID_TIMESTAMP", f"{field}: {_shown(sent)} is not an ISO 8601 time.")
    if envelope.sent_at and not skew_ms:
        skew_ms = clock_skew_ms(envelope.sent_at, received_at_ms)
    happened_at_ms += skew_ms
    if happened_at_ms > received_at_ms:
        if happened_at_ms > received_at_ms + FUTURE_LIMIT_MS:
            raise Unreadable(
                "TIMESTAMP_IN_FUTURE", f"{field}: {_shown(sent)} is more than 24 hours after its receipt."
            )
        return received_at_ms
    if happened_at_ms < EARLIEST_MS:
        raise Unreadable("TIMESTAMP_OUT_OF_RANGE", f"{field}: {_shown(sent)} is before the year 1900.")
    return happened_at_ms


def _fingerprint(kind: EventKind, event: bytes) -> str:
    return hashlib.blake2b(event, digest_size=20, person=kind.name.encode()).hexdigest()


def _copy_key(event: bytes, call: EventKind | None, from_server: bool) -> bytes:
    """See BadRow. An event may be unreadable, so its bytes have to do."""
    if not any(name in event for name in _TELLING):
        return b""
    person = f"{call or 0}{from_server}".encode()
    # The only member that a sender changes when it tries again.
    return hashlib.blake2b(_SENT_AT.sub(b"", event), digest_size=16, person=person).digest()


def _shown(value: str | None) -> str:
    return "nothing" if value is None else f'"{value[:60]}"'
