"""What breaks inside a route is answered as a problem that gives nothing away."""

import httpx
from fastapi import FastAPI

from services.gateway.routes.problems import MEDIA_TYPE, Envelope, answer_problems


def failing() -> Envelope:
    app = FastAPI()

    @app.get("/v1/break")
    async def break_down() -> None:
        raise RuntimeError("the secret is 1234")

    answer_problems(app)
    return Envelope(app)


async def test_a_bug_is_a_problem_without_its_text() -> None:
    transport = httpx.ASGITransport(app=failing())
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answer = await client.get("/v1/break")
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE)
    assert answer.json()["code"] == "WENT_WRONG"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "1234" not in answer.text
