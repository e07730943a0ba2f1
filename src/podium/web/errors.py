"""Every error that the web gives: a stable code, whose fault it is, and what to do about it.

The body is ``{"error": {"code", "fault", "zh", "en", "details"?}}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from podium.conference.refusals import Fault, Refusal
from podium.hall import access, sessions
from podium.hall.loop import CommandFailed, HallBusy, HallStopped


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of error: HTTP status and the texts for people."""

    status: int
    zh: str
    en: str
    fault: Fault = "client"


KINDS: Mapping[str, Kind] = {
    "bad_request": Kind(400, "请求格式不正确。", "The request is malformed."),
    "offer_malformed": Kind(
        400,
        "这不是有效的 SDP 邀请，请检查设备的 WHIP/WHEP 设置。",
        "This is not an SDP offer. Check the WHIP/WHEP settings of the device.",
        "peer",
    ),
    "fragment_malformed": Kind(
        400,
        "这不是本媒体会话的 ICE 信息。",
        "This is not ICE information of this media session.",
        "peer",
    ),
    "unauthenticated": Kind(
        401,
        "没有有效的登录或链接。请登录，或向会议办公室索取新链接。",
        "No valid sign-in or link. Sign in, or ask the conference office for a new link.",
    ),
    "wrong_password": Kind(
        401, "用户名或密码不正确。", "The name or the password is wrong. Try again."
    ),
    "forbidden": Kind(
        403,
        "您无权进行此操作。请联系管理员。",
        "You may not do this. Ask an administrator.",
    ),
    "csrf": Kind(
        403,
        "缺少或错误的 X-CSRF-Token。请刷新页面。",
        "X-CSRF-Token is missing or wrong. Reload the page.",
    ),
    "origin": Kind(
        403,
        "请求来自其他网站，已拒绝。",
        "The request comes from another site and was refused.",
    ),
    "not_found": Kind(404, "没有此页面或资源。", "There is no such page or resource."),
    "unknown_conference": Kind(404, "没有此会议。", "There is no such conference."),
    "unknown_venue": Kind(
        404, "此会议没有此会场。", "The conference has no such venue. Reload the page."
    ),
    "unknown_template": Kind(404, "没有此会议模板。", "There is no such conference template."),
    "unknown_programme": Kind(404, "没有此工作方案。", "There is no such programme."),
    "unknown_series": Kind(404, "指标目录中没有此指标。", "The catalogue has no such series."),
    "unknown_source": Kind(
        422,
        "没有此来源。请从列表中选择，或填写新来源的名称。",
        "There is no such source. Choose one of the list, or name a new one.",
    ),
    "nothing_known": Kind(
        404,
        "截至该日没有已公布的数据。请选择较晚的日期，或导入数据。",
        "Nothing was published by that day. Choose a later day, or import figures.",
    ),
    "no_such_page": Kind(404, "该日的简报没有此页。", "The briefing of that day has no such page."),
    "briefing_unavailable": Kind(
        503,
        "简报暂时无法生成，原因见 details。",
        "The briefing cannot be made now; details say why.",
        "server",
    ),
    "unknown_assignment": Kind(
        404,
        "没有此任务，或不在您的查看范围内。",
        "There is no such assignment, or it is not yours to see.",
    ),
    "file_missing": Kind(
        409,
        "报告引用的附件已不在服务器上，请重新上传后再报。",
        "A file that the report refers to is no longer here. Send it again, then file the report.",
    ),
    "no_such_organisation": Kind(
        404, "通讯录中没有此单位。", "The directory has no such organisation."
    ),
    "organisation_needed": Kind(
        422,
        "联络员账户须指定所属单位。",
        "A liaison officer belongs to an organisation. Name it.",
    ),
    "not_a_deployment": Kind(
        409,
        "此议程项不是部署事项。请在部署事项中下达措施。",
        "This agenda item deploys nothing. Issue measures at a deployment item.",
    ),
    "item_not_started": Kind(
        409,
        "此议程项尚未开始。请先开始该议程项，再下达措施。",
        "This agenda item has not begun. Start it, then issue the measures.",
    ),
    "nobody_to_issue_to": Kind(
        409,
        "方案中没有可下达的单位。请检查会议邀请的单位和方案中的单位。",
        "The programme has none of these organisations. Check whom the conference invites and "
        "which bodies the programme has.",
    ),
    "desk_busy": Kind(
        503,
        "方案正被频繁修改，请稍后重试。",
        "Others keep changing this programme. Try again in a moment.",
        "server",
    ),
    "unknown_account": Kind(404, "没有此账户。", "There is no such account."),
    "unknown_token": Kind(404, "没有此令牌。", "There is no such token."),
    "unknown_link": Kind(404, "此会场没有有效链接。", "The venue has no valid link."),
    "unknown_session": Kind(
        404,
        "媒体会话不存在或已结束，请重新建立。",
        "The media session does not exist or has ended. Make a new one.",
    ),
    "method": Kind(405, "此地址不接受该方法。", "This address does not take this method."),
    "not_acceptable": Kind(
        406,
        "只能以 application/sdp 应答，请在 Accept 中允许。",
        "The answer is application/sdp; allow it in Accept.",
    ),
    "name_taken": Kind(409, "用户名已被使用，请换一个。", "The name is taken. Choose another one."),
    "last_administrator": Kind(
        409,
        "这是最后一个管理员账户。请先设另一个管理员。",
        "This is the last administrator. Make another account an administrator first.",
    ),
    "telephone_not_configured": Kind(
        409,
        "本系统没有配置电话，不能发放 PIN。请联系管理员。",
        "This installation has no telephone, so there are no PINs to issue. Ask the administrator.",
    ),
    "room_closed": Kind(
        409,
        "会议现在不接受音视频。请等待会议开放。",
        "The conference takes no media now. Wait until it opens.",
    ),
    "etag_mismatch": Kind(
        412,
        "If-Match 与当前 ICE 会话不符。",
        "If-Match does not name the current ICE session.",
    ),
    "too_large": Kind(413, "请求内容过大。", "The request is too large."),
    "content_type": Kind(
        415, "内容类型不受支持。", "The content type is not supported. See Accept-Post."
    ),
    "document_type": Kind(
        415,
        "只能上传 PDF、DOCX、XLSX、PPTX、PNG 和 JPEG 文件（按内容识别，不含宏）。",
        "Only PDF, DOCX, XLSX, PPTX, PNG and JPEG files without macros can be attached; the "
        "content decides. Save it as one of them.",
    ),
    "document_name": Kind(
        422,
        "文件名的扩展名与内容不符，应为 details 所示。请改名后再上传。",
        "The name's ending does not fit the content; details say which would. Rename the file.",
    ),
    "invalid": Kind(
        422, "内容不正确，详见 details。", "The content is not valid; details say where."
    ),
    "offer_refused": Kind(
        422,
        "无法应答此 SDP 邀请，原因见 details。",
        "The SDP offer cannot be answered; details say why.",
        "peer",
    ),
    "restart_unsupported": Kind(
        422,
        "此媒体会话不能重启 ICE，请删除后重建。",
        "This media session cannot restart ICE. Delete it and make a new one.",
        "peer",
    ),
    "import_faults": Kind(
        422,
        "文件有错误，未作任何更改。请按行改正后重试。",
        "The file has errors and nothing was changed. Correct the lines and try again.",
    ),
    "etag_missing": Kind(
        428,
        "PATCH 必须带 If-Match。",
        "PATCH needs If-Match: the ETag for candidates, * for an ICE restart.",
    ),
    "rate_limited": Kind(
        429, "请求过于频繁，请稍后再试。", "Too many requests. Wait and try again."
    ),
    "superseded": Kind(
        409,
        "此会场链接已在别处打开，本页面已停用。",
        "This venue's link was opened elsewhere; this page has stopped.",
    ),
    "internal": Kind(
        500,
        "服务器内部错误，已记录。请重试，并告知管理员。",
        "Podium failed; it is logged. Try again and tell the administrator.",
        "server",
    ),
    "store_down": Kind(
        503,
        "服务器暂时无法存取数据，请稍后重试。",
        "Podium cannot reach its storage. Try again in a moment.",
        "server",
    ),
    "engine_down": Kind(
        503,
        "媒体服务暂时不可用，请稍后重试。",
        "The media engine does not answer. Try again in a moment.",
        "server",
    ),
    "too_many_sessions": Kind(
        503,
        "媒体会话数已达上限，请稍后重试。",
        "There are as many media sessions as there may be. Try again later.",
        "server",
    ),
    "hall_stopped": Kind(503, HallStopped.zh, HallStopped.en, "server"),
    "hall_busy": Kind(503, HallBusy.zh, HallBusy.en, "server"),
    "command_failed": Kind(500, CommandFailed.zh, CommandFailed.en, "server"),
    "export_unavailable": Kind(
        503,
        "服务器缺少生成此文件的组件，请告知管理员。",
        "The server lacks what this file is made with; tell the administrator what details say.",
        "server",
    ),
    "withdrawn": Kind(
        403,
        "本会场已不在此会议的邀请名单中。如有疑问请联系会议办公室。",
        "This venue is no longer invited. Ask the conference office if that is a mistake.",
    ),
    "pages_missing": Kind(
        503,
        "页面尚未构建，请运行 make pages。",
        "The pages are not built. Run make pages.",
        "server",
    ),
}


class ApiError(Exception):
    """Ends a request with an error of a known kind."""

    def __init__(
        self,
        code: str,
        details: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.details = details
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        return KINDS[self.code].status

    def body(self) -> dict[str, Any]:
        """The value of ``error``."""
        kind = KINDS[self.code]
        return error_value(self.code, kind.fault, kind.zh, kind.en, self.details)


class Refused(Exception):
    """The conference core said no: status 409, with its own code and texts."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal

    def body(self) -> dict[str, Any]:
        refusal = self.refusal
        return error_value(refusal.code, refusal.fault, refusal.zh, refusal.en, None)


def error_value(code: str, fault: Fault, zh: str, en: str, details: Any) -> dict[str, Any]:
    value: dict[str, Any] = {"code": code, "fault": fault, "zh": zh, "en": en}
    if details is not None:
        value["details"] = details
    return value


def error_response(error: ApiError | Refused) -> Response:
    if isinstance(error, Refused):
        return JSONResponse({"error": error.body()}, 409)
    headers = error.headers
    if error.status == 401:
        headers = {"WWW-Authenticate": "Bearer", **headers}
    return JSONResponse({"error": error.body()}, error.status, headers)


_BY_STATUS: Mapping[int, str] = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method",
    406: "not_acceptable",
    413: "too_large",
    415: "content_type",
    422: "invalid",
    429: "rate_limited",
}


async def _api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError | Refused)
    return error_response(error)


_SIBLINGS_ERRORS: Mapping[type[Exception], str] = {
    access.NameTaken: "name_taken",
    access.UnknownAccount: "unknown_account",
    access.LastAdministrator: "last_administrator",
    access.OrganisationNeeded: "organisation_needed",
    access.UnknownToken: "unknown_token",
    access.UnknownLink: "unknown_link",
    sessions.OfferRefused: "offer_refused",
    sessions.OfferMalformed: "offer_malformed",
    sessions.FragmentRefused: "fragment_malformed",
    sessions.RestartUnsupported: "restart_unsupported",
    sessions.RoomClosed: "room_closed",
    sessions.NoSuchSession: "unknown_session",
    sessions.TooManySessions: "too_many_sessions",
    sessions.EngineDown: "engine_down",
}


async def _sibling_error(_: Request, error: Exception) -> Response:
    details = str(error) if isinstance(error, sessions.MediaSessionError) else None
    return error_response(ApiError(_SIBLINGS_ERRORS[type(error)], details or None))


async def _too_many_attempts(_: Request, error: Exception) -> Response:
    assert isinstance(error, access.TooManyAttempts)
    wait = max(1, round(error.retry_after.total_seconds()))
    return error_response(ApiError("rate_limited", headers={"Retry-After": str(wait)}))


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    fallback = "internal" if error.status_code >= 500 else "bad_request"
    code = _BY_STATUS.get(error.status_code, fallback)
    return error_response(ApiError(code, headers=error.headers))


async def _invalid(_: Request, error: Exception) -> Response:
    """Says where and what, but never repeats the input: it may hold a password."""
    assert isinstance(error, RequestValidationError)
    problems = [
        {"where": ".".join(str(part) for part in e["loc"]), "what": e["msg"]}
        for e in error.errors()[:5]
    ]
    return error_response(ApiError("invalid", problems))


def add_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(Refused, _api_error)
    app.add_exception_handler(HTTPException, _http_error)
    for error in _SIBLINGS_ERRORS:
        app.add_exception_handler(error, _sibling_error)
    app.add_exception_handler(access.TooManyAttempts, _too_many_attempts)
    app.add_exception_handler(RequestValidationError, _invalid)
