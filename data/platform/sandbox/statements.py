"""A local stand-in for the EU's database of statements of reasons, for tests and rehearsals of the submitter.

It checks field by field from the published table and shares no code with what writes our statements.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

TOKEN = "sandbox-token"  # noqa: S105 - the stand-in's only account
LONGEST_BATCH = 100

_VISIBILITY = {
    "DECISION_VISIBILITY_CONTENT_REMOVED",
    "DECISION_VISIBILITY_CONTENT_DISABLED",
    "DECISION_VISIBILITY_CONTENT_DEMOTED",
    "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
    "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
    "DECISION_VISIBILITY_CONTENT_LABELLED",
    "DECISION_VISIBILITY_OTHER",
}
_MONETARY = {"DECISION_MONETARY_SUSPENSION", "DECISION_MONETARY_TERMINATION", "DECISION_MONETARY_OTHER"}
_PROVISION = {
    f"DECISION_PROVISION_{share}_{kind}" for share in ("PARTIAL", "TOTAL") for kind in ("SUSPENSION", "TERMINATION")
}
_ACCOUNT = {"DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"}
_CONTENT = {
    f"CONTENT_TYPE_{name}" for name in ["APP", "AUDIO", "IMAGE", "PRODUCT", "SYNTHETIC_MEDIA", "TEXT", "VIDEO", "OTHER"]
}
_SOURCE = {"SOURCE_VOLUNTARY", "SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION"}
_AUTOMATED = {
    "AUTOMATED_DECISION_FULLY",
    "AUTOMATED_DECISION_PARTIALLY",
    "AUTOMATED_DECISION_NOT_AUTOMATED",
}
_GROUND = {"DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"}
_DECISIONS = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")
_LONGEST = {
    "decision_visibility_other": 500,
    "decision_monetary_other": 500,
    "decision_ground_reference_url": 500,
    "incompatible_content_ground": 500,
    "incompatible_content_explanation": 2000,
    "content_type_other": 500,
    "category_specification_other": 500,
    "decision_facts": 5000,
    "source_identity": 500,
}

Errors = dict[str, list[str]]


def statement_routes() -> list[Route]:
    """Serve the published addresses: one statement, a batch, a look-up by platform id."""
    return [
        Route("/api/v1/statement", _post_one, methods=["POST"]),
        Route("/api/v1/statements", _post_batch, methods=["POST"]),
        Route("/api/v1/statement/existing-puid/{puid}", _look_up),
        Route("/api/v1/statement/{number:int}", _show),
        Route("/api/v1/count", _count),
    ]


def faults_of(statement: dict[str, Any]) -> Errors:
    """Every field that breaks the published table, with the reason."""
    errors: Errors = {}
    for check in (_check_puid, _check_choices, _check_needed, _check_lengths, _check_dates):
        check(statement, lambda field, text: errors.setdefault(field, []).append(text))
    return errors


def _check_puid(statement: dict[str, Any], blame: Callable[[str, str], Any]) -> None:
    puid = statement.get("puid")
    if not isinstance(puid, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,500}", puid):
        blame("puid", "must be 1 to 500 letters, digits, - or _")


def _check_choices(statement: dict[str, Any], blame: Callable[[str, str], Any]) -> None:
    for field, allowed in (
        ("decision_monetary", _MONETARY),
        ("decision_provision", _PROVISION),
        ("decision_account", _ACCOUNT),
        ("account_type", {"ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"}),
        ("decision_ground", _GROUND),
        ("source_type", _SOURCE),
        ("automated_detection", {"Yes", "No"}),
        ("automated_decision", _AUTOMATED),
        ("incompatible_content_illegal", {"Yes", "No"}),
    ):
        if statement.get(field) is not None and statement[field] not in allowed:
            blame(field, "is not one of the published values")
    for field, choices in (("decision_visibility", _VISIBILITY), ("content_type", _CONTENT)):
        given = statement.get(field)
        if given is not None and (not isinstance(given, list) or not given or not set(given) <= choices):
            blame(field, "must be a list of published values")


def _check_needed(statement: dict[str, Any], blame: Callable[[str, str], Any]) -> None:
    needed = ["decision_ground", "content_type", "category", "decision_facts", "source_type"]
    needed += ["automated_detection", "automated_decision", "content_date", "application_date"]
    if statement.get("decision_ground") == "DECISION_GROUND_INCOMPATIBLE_CONTENT":
        needed += ["incompatible_content_ground", "incompatible_content_explanation"]
    if "CONTENT_TYPE_OTHER" in (statement.get("content_type") or []):
        needed.append("content_type_other")
    if "DECISION_VISIBILITY_OTHER" in (statement.get("decision_visibility") or []):
        needed.append("decision_visibility_other")
    for field in needed:
        if not statement.get(field):
            blame(field, "is required")
    if not any(statement.get(field) for field in _DECISIONS):
        blame("decision_visibility", "is required when no other decision is given")
    if not re.fullmatch(r"STATEMENT_CATEGORY_[A-Z_]+", str(statement.get("category", ""))):
        blame("category", "is not one of the published values")


def _check_lengths(statement: dict[str, Any], blame: Callable[[str, str], Any]) -> None:
    for field, longest in _LONGEST.items():
        given = statement.get(field)
        if given is not None and (not isinstance(given, str) or len(given) > longest):
            blame(field, f"must be text of at most {longest} characters")


def _check_dates(statement: dict[str, Any], blame: Callable[[str, str], Any]) -> None:
    ends = [f"end_date_{what}_restriction" for what in ("account", "service", "visibility", "monetary")]
    for field in ("content_date", "application_date", *ends):
        given = statement.get(field)
        if given is None:
            continue
        first = date(2000, 1, 1) if field == "content_date" else date(2020, 1, 1)
        try:
            is_good = first <= date.fromisoformat(given) <= date(2038, 1, 1) and len(given) == 10
        except (TypeError, ValueError):
            is_good = False
        if not is_good:
            blame(field, "must be a date YYYY-MM-DD within the published range")


def _stored(request: Request) -> dict[str, dict[str, Any]]:
    state = request.app.state
    if not hasattr(state, "statements"):
        state.statements = {}
    statements: dict[str, dict[str, Any]] = state.statements
    return statements


def _is_known(request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {TOKEN}"


async def _post_one(request: Request) -> Response:
    if not _is_known(request):
        return JSONResponse({"message": "Unauthenticated."}, 401)
    statement = await _json(request)
    if not isinstance(statement, dict):
        return JSONResponse({"message": "A statement is an object."}, 422)
    errors = faults_of(statement)
    stored = _stored(request)
    if not errors and statement["puid"] in stored:
        errors = {"puid": ["The identifier given is not unique within this platform."]}
        return JSONResponse({"message": "Duplicate", "errors": errors, "existing": stored[statement["puid"]]}, 422)
    if errors:
        return JSONResponse({"message": "Invalid", "errors": errors}, 422)
    return JSONResponse(_keep(stored, statement), 201)


async def _post_batch(request: Request) -> Response:
    if not _is_known(request):
        return JSONResponse({"message": "Unauthenticated."}, 401)
    given = await _json(request)
    batch = given.get("statements") if isinstance(given, dict) else None
    if not isinstance(batch, list) or not 1 <= len(batch) <= LONGEST_BATCH:
        return JSONResponse({"message": "Invalid", "errors": {"statements": ["must be a list of 1 to 100"]}}, 422)
    stored = _stored(request)
    errors = {f"statement_{place}": found for place, one in enumerate(batch) if (found := _batch_faults(one, stored))}
    puids = [one.get("puid") for one in batch if isinstance(one, dict)]
    if len(set(puids)) != len(puids):
        errors.setdefault("puid", {})["puid"] = ["The same identifier is given twice."]
    if errors:
        return JSONResponse({"message": "Invalid", "errors": errors}, 422)
    return JSONResponse({"statements": [_keep(stored, one) for one in batch]}, 201)


def _batch_faults(statement: Any, stored: dict[str, dict[str, Any]]) -> Errors:
    if not isinstance(statement, dict):
        return {"statement": ["is not an object"]}
    errors = faults_of(statement)
    if not errors and statement["puid"] in stored:
        errors["puid"] = ["The identifier given is not unique within this platform."]
    return errors


def _keep(stored: dict[str, dict[str, Any]], statement: dict[str, Any]) -> dict[str, Any]:
    kept = statement | {"id": len(stored) + 1}
    stored[statement["puid"]] = kept
    return kept


async def _look_up(request: Request) -> Response:
    if not _is_known(request):
        return JSONResponse({"message": "Unauthenticated."}, 401)
    found = _stored(request).get(request.path_params["puid"])
    if found is None:
        return JSONResponse({"message": "statement of reason not found"}, 404)
    return RedirectResponse(f"/api/v1/statement/{found['id']}", 302)


async def _show(request: Request) -> Response:
    if not _is_known(request):
        return JSONResponse({"message": "Unauthenticated."}, 401)
    number = request.path_params["number"]
    found = [one for one in _stored(request).values() if one["id"] == number]
    return JSONResponse(found[0]) if found else JSONResponse({"message": "not found"}, 404)


async def _count(request: Request) -> Response:
    return JSONResponse({"statements": len(_stored(request))})


async def _json(request: Request) -> Any:  # Any: whatever the caller sent
    try:
        return json.loads(await request.body())
    except ValueError:
        return None
