"""Every entry in words, Chinese and English: a table by kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from podium.conference import events as e
from podium.conference.calls import CallEnd, CallPurpose, CallStage
from podium.conference.events import Event
from podium.conference.state import (
    Connection,
    Device,
    ItemId,
    Phase,
    Program,
    Slot,
    Text,
    VenueId,
)
from podium.record.folds.cast import Cast

Say = Callable[[Any, Cast], Text]

PHASES: Final[Mapping[Phase, Text]] = {
    Phase.SCHEDULED: Text("联调结束", "The rehearsal ended"),
    Phase.REHEARSAL: Text("联调开始", "A rehearsal began"),
    Phase.OPEN: Text("会议开放入会", "The conference was opened to the venues"),
    Phase.IN_SESSION: Text("会议开始", "The session began"),
    Phase.ADJOURNED: Text("会议休会", "The session was adjourned"),
    Phase.CLOSED: Text("会议结束", "The conference was closed"),
}
"""What entering a phase means."""
RESUMED: Final = Text("会议继续", "The session went on")
_CONNECTIONS: Final[Mapping[Connection, Text]] = {
    Connection.ABSENT: Text("未入会", "has not come"),
    Connection.CONNECTING: Text("会场终端已打开，正在接通音视频", "opened its station"),
    Connection.CONNECTED: Text("已入会", "joined"),
    Connection.DEGRADED: Text("线路不佳", "has a poor connection"),
    Connection.LOST: Text("掉线", "was lost"),
}
REASONS: Final[Mapping[str, Text]] = {
    "left": Text("关闭了页面", "the page was closed"),
    "network": Text("网络无应答", "the network does not answer"),
    "superseded": Text("链接已在另一台设备上打开", "another machine took over the link"),
    "media": Text("音视频无法连通", "picture and sound cannot get through"),
    "slow": Text("网络丢包超过十分之一", "more than a tenth of the data is lost"),
    "server": Text("服务器重启", "the server restarted"),
    "withdrawn": Text("已撤销邀请", "it was withdrawn"),
}
"""Codes that are not here are shown as they are."""
_DEVICES: Final[Mapping[Device, Text]] = {
    Device.UNKNOWN: Text("未知", "unknown"),
    Device.WORKING: Text("正常", "working"),
    Device.DENIED: Text("被浏览器拒绝", "refused by the browser"),
    Device.MISSING: Text("未找到", "missing"),
    Device.FAILED: Text("故障", "failed"),
}
SLOTS: Final[Mapping[Slot, Text]] = {
    Slot.MAIN: Text("主画面", "main picture"),
    Slot.SECOND: Text("第二画面", "second picture"),
    Slot.CONTENT: Text("辅流", "content"),
}


def said(event: Event, known: Cast) -> Text:
    """What happened, without who did it and when. A kind that has no words is named by its
    type, so that a log of any age can be shown."""
    say = SAYINGS.get(type(event))
    return Text(event.type, event.type) if say is None else say(event, known)


def listed(names: list[Text], most: int = 3) -> Text:
    """The first few names, and how many there are where that is not all."""
    zh = "、".join(name.zh for name in names[:most])
    en = ", ".join(name.en for name in names[:most])
    if len(names) <= most:
        return Text(zh, en)
    return Text(f"{zh}等 {len(names)} 个", f"{en} and {len(names) - most} more")


# --- preparation and life


def _scheduled(event: e.ConferenceScheduled, _: Cast) -> Text:
    count = len(event.venues)
    return Text(
        f"创建会议“{event.title.zh}”，邀请 {count} 个会场",
        f'The conference "{event.title.en}" was scheduled and {count} venues invited',
    )


def _rescheduled(event: e.ConferenceRescheduled, _: Cast) -> Text:
    return Text(
        f"会议改为“{event.title.zh}”，开始时间已更新",
        f'Title and time were set anew: "{event.title.en}"',
    )


def _revised(event: e.AgendaRevised, _: Cast) -> Text:
    count = len(event.agenda)
    return Text(f"调整议程，待进行 {count} 项", f"The agenda was revised: {count} items to come")


def _invited(event: e.VenuesInvited, _: Cast) -> Text:
    names = listed([v.name for v in event.venues])
    return Text(f"邀请或更新会场：{names.zh}", f"Venues were invited or changed: {names.en}")


def _withdrawn(event: e.VenueWithdrawn, known: Cast) -> Text:
    name = known.venue_name(event.venue)
    return Text(f"取消邀请{name.zh}", f"The invitation of {name.en} was withdrawn")


def _phase(event: e.PhaseChanged, _: Cast) -> Text:
    return PHASES[event.phase]


def _item_started(event: e.ItemStarted, known: Cast) -> Text:
    title = known.item_title(event.item)
    return Text(f"议程开始：{title.zh}", f"Agenda item began: {title.en}")


def _item_finished(event: e.ItemFinished, known: Cast) -> Text:
    title = known.item_title(event.item)
    return Text(f"议程结束：{title.zh}", f"Agenda item ended: {title.en}")


# --- venues


def _connection(event: e.VenueConnectionChanged, known: Cast) -> Text:
    name, state = known.venue_name(event.venue), _CONNECTIONS[event.connection]
    if event.reason is None:
        return Text(f"{name.zh}：{state.zh}", f"{name.en} {state.en}")
    reason = REASONS.get(event.reason, Text(event.reason, event.reason))
    return Text(f"{name.zh}：{state.zh}（{reason.zh}）", f"{name.en} {state.en} ({reason.en})")


def _devices(event: e.VenueDevicesReported, known: Cast) -> Text:
    name = known.venue_name(event.venue)
    camera, microphone = _DEVICES[event.camera], _DEVICES[event.microphone]
    return Text(
        f"{name.zh}：摄像头{camera.zh}，话筒{microphone.zh}",
        f"{name.en}: camera {camera.en}, microphone {microphone.en}",
    )


def _blindness(event: e.VenueBlindnessChanged, known: Cast) -> Text:
    name = known.venue_name(event.venue)
    if not event.slots:
        return Text(f"{name.zh}：画面恢复", f"{name.en} sees every picture again")
    slots = [SLOTS[slot] for slot in Slot if slot in event.slots]
    zh, en = "、".join(s.zh for s in slots), ", ".join(s.en for s in slots)
    return Text(f"{name.zh}：无法解码{zh}", f"{name.en} cannot decode: {en}")


# --- program, microphones and floor


def _program_words(program: Program, known: Cast) -> Text:
    shown = [(SLOTS[s], known.venue_name(v)) for s in Slot if (v := program.source(s)) is not None]
    if not shown:
        return Text("空", "nothing")
    return Text(
        "，".join(f"{slot.zh} {name.zh}" for slot, name in shown),
        ", ".join(f"{slot.en} {name.en}" for slot, name in shown),
    )


def _preview(event: e.PreviewSet, known: Cast) -> Text:
    words = _program_words(event.program, known)
    return Text(f"预监：{words.zh}", f"Preview: {words.en}")


def _program(event: e.ProgramChanged, known: Cast) -> Text:
    words = _program_words(event.program, known)
    return Text(f"播出：{words.zh}", f"On air: {words.en}")


def _slides(event: e.SlidesShown, _: Cast) -> Text:
    count = len(event.pages)
    return Text(
        f"播放截至 {event.day} 的形势简报，共 {count} 页",
        f"The briefing as of {event.day} was shown, {count} pages",
    )


def _slide(event: e.SlideTurned, _: Cast) -> Text:
    return Text(f"形势简报翻到第 {event.page} 页", f"Page {event.page} of the briefing was shown")


def _of_venue(zh: str, en: str) -> Say:
    """``{}`` stands for the venue's name."""

    def say(event: Any, known: Cast) -> Text:
        venue: VenueId = event.venue
        name = known.venue_name(venue)
        return Text(zh.format(name.zh), en.format(name.en))

    return say


def _own_microphone(event: e.OwnMicrophoneSwitched, known: Cast) -> Text:
    name = known.venue_name(event.venue)
    if event.closed:
        return Text(f"{name.zh}自行关闭话筒", f"{name.en} closed its microphone")
    return Text(f"{name.zh}允许打开话筒", f"{name.en} let its microphone be open")


# --- for the record


def _signed_in(event: e.PeopleSignedIn, known: Cast) -> Text:
    name, count = known.venue_name(event.venue), len(event.people)
    who = listed([Text(p.name.zh, p.name.en) for p in event.people])
    if not count:
        return Text(f"{name.zh}清空签到名单", f"The sign-in list of {name.en} was emptied")
    return Text(f"{name.zh}签到 {count} 人：{who.zh}", f"{count} signed in at {name.en}: {who.en}")


def _excused(event: e.VenueExcused, known: Cast) -> Text:
    name = known.venue_name(event.venue)
    if event.excused:
        return Text(f"{name.zh}请假", f"{name.en} was excused")
    return Text(f"{name.zh}取消请假", f"{name.en} is no longer excused")


def _placed(event: e.PlaceSet, _: Cast) -> Text:
    return Text(f"会议地点：{event.place.zh}", f"Place of the conference: {event.place.en}")


def _noted(event: e.PointsNoted, known: Cast) -> Text:
    title, count = known.item_title(event.item), len(event.points)
    return Text(
        f"记录“{title.zh}”的要点，共 {count} 条",
        f'Points noted under "{title.en}": {count}',
    )


def _recording(event: e.RecordingSwitched, _: Cast) -> Text:
    if event.on:
        return Text("开始录制", "Recording began")
    return Text("停止录制", "Recording ended")


# --- documents


def _attached(event: e.DocumentAttached, known: Cast) -> Text:
    document = event.document
    where = Text("", "") if document.item is None else known.item_title(ItemId(document.item))
    zh, en = f"上传文件“{document.name}”", f'The document "{document.name}" was attached'
    if document.item is not None:
        zh, en = f"{zh}（议程“{where.zh}”）", f'{en} to "{where.en}"'
    if document.shared:
        zh, en = f"{zh}，发给各会场", f"{en} for the venues"
    return Text(zh, en)


def _shared(event: e.DocumentShared, known: Cast) -> Text:
    name = known.document_name(event.id)
    if event.shared:
        return Text(f"文件“{name}”发给各会场", f'The document "{name}" was given to the venues')
    return Text(f"文件“{name}”不再发给会场", f'The document "{name}" is for the console alone')


def _removed(event: e.DocumentRemoved, known: Cast) -> Text:
    name = known.document_name(event.id)
    return Text(f"撤下文件“{name}”", f'The document "{name}" was removed')


# --- telephone

_PURPOSES: Final[Mapping[CallPurpose, Text]] = {
    CallPurpose.CALLED: Text("拨打{}的电话", "The telephone of {} is called"),
    CallPurpose.FALLBACK: Text(
        "{}视频中断，拨打其电话", "The video of {} is lost; its telephone is called"
    ),
    CallPurpose.DIALLED_IN: Text("{}拨入电话", "{} dialled in"),
}
_STAGES: Final[Mapping[CallStage, Text]] = {
    CallStage.IDLE: Text("空闲", "is idle"),
    CallStage.DIALLING: Text("拨号中", "is dialled"),
    CallStage.RINGING: Text("振铃", "rings"),
    CallStage.ASKED: Text("已接听，等待按 1", "was answered and is to press 1"),
    CallStage.WAITING: Text("无人接听，稍后重拨", "is to be tried again"),
    CallStage.JOINED: Text("电话入会", "joined by telephone"),
    CallStage.ENDED: Text("结束", "ended"),
}
ENDS: Final[Mapping[CallEnd, Text]] = {
    CallEnd.BUSY: Text("占线", "busy"),
    CallEnd.NO_ANSWER: Text("无人接听", "no answer"),
    CallEnd.WRONG_NUMBER: Text("号码有误", "wrong number"),
    CallEnd.DECLINED: Text("拒接", "declined"),
    CallEnd.MACHINE: Text("接听后无人按 1", "nobody pressed 1"),
    CallEnd.HUNG_UP: Text("会场挂断", "the venue hung up"),
    CallEnd.SILENT: Text("线路中断", "the line went dead"),
    CallEnd.NOT_ALLOWED: Text("号码不在许可范围", "the number is not allowed"),
    CallEnd.LIMIT: Text("达到呼叫上限", "a limit on calls was reached"),
    CallEnd.NO_CODEC: Text("没有共同的编码", "no common codec"),
    CallEnd.TRUNK_REFUSED: Text("线路拒绝", "the trunk refused"),
    CallEnd.TRUNK_DOWN: Text("线路不通", "the trunk is down"),
    CallEnd.NOT_CONFIGURED: Text("未配置电话", "there is no telephone here"),
    CallEnd.FAILED: Text("失败", "it failed"),
    CallEnd.RELEASED: Text("控制台挂断", "released by the console"),
    CallEnd.PIN_REVOKED: Text("入会 PIN 已撤销", "its PIN was revoked"),
    CallEnd.REPLACED: Text("被另一通电话取代", "another call took its place"),
    CallEnd.VIDEO_BACK: Text("视频已恢复", "the video is back"),
    CallEnd.WITHDRAWN: Text("已撤销邀请", "withdrawn"),
    CallEnd.OVER: Text("会议结束", "the conference is over"),
    CallEnd.SERVER: Text("服务器重启", "the server restarted"),
}


def _call_progressed(event: e.CallProgressed, known: Cast) -> Text:
    name, stage = known.venue_name(event.venue), _STAGES[event.stage]
    if event.setback is None:
        return Text(f"{name.zh}：{stage.zh}", f"{name.en} {stage.en}")
    why = ENDS[event.setback]
    return Text(f"{name.zh}：{stage.zh}（{why.zh}）", f"{name.en} {stage.en} ({why.en})")


def _call_ended(event: e.CallEnded, known: Cast) -> Text:
    name, why = known.venue_name(event.venue), ENDS[event.reason]
    return Text(f"{name.zh}：通话结束（{why.zh}）", f"The call of {name.en} ended ({why.en})")


def _noise(event: e.CallNoiseChanged, known: Cast) -> Text:
    name = known.venue_name(event.venue)
    if event.noisy:
        return Text(f"{name.zh}：电话有持续噪声或回声", f"{name.en}: constant noise or echo")
    return Text(f"{name.zh}：电话噪声消失", f"{name.en}: the noise is gone")


def _guest_added(event: e.GuestAdded, _: Cast) -> Text:
    return Text(f"加入来宾电话：{event.name.zh}", f"A guest telephone was added: {event.name.en}")


def _guest_renamed(event: e.GuestRenamed, _: Cast) -> Text:
    return Text(f"来宾电话改名：{event.name.zh}", f"A guest telephone was named: {event.name.en}")


def _guest_assigned(event: e.GuestAssigned, known: Cast) -> Text:
    guest, venue = known.venue_name(event.guest), known.venue_name(event.venue)
    return Text(f"{guest.zh}归入{venue.zh}", f"{guest.en} turned out to be {venue.en}")


def _call_began(event: e.CallBegan, known: Cast) -> Text:
    words, name = _PURPOSES[event.purpose], known.venue_name(event.venue)
    return Text(words.zh.format(name.zh), words.en.format(name.en))


SAYINGS: Final[Mapping[type[Event], Say]] = {
    e.ConferenceScheduled: _scheduled,
    e.ConferenceRescheduled: _rescheduled,
    e.AgendaRevised: _revised,
    e.VenuesInvited: _invited,
    e.VenueWithdrawn: _withdrawn,
    e.PhaseChanged: _phase,
    e.ItemStarted: _item_started,
    e.ItemFinished: _item_finished,
    e.VenueConnectionChanged: _connection,
    e.VenueDevicesReported: _devices,
    e.VenueBlindnessChanged: _blindness,
    e.PreviewSet: _preview,
    e.ProgramChanged: _program,
    e.SlidesShown: _slides,
    e.SlideTurned: _slide,
    e.SlidesHidden: lambda _, __: Text("形势简报播放结束", "The briefing was hidden"),
    e.MicrophoneOpened: _of_venue("打开{}话筒", "The microphone of {} was opened"),
    e.MicrophoneClosed: _of_venue("关闭{}话筒", "The microphone of {} was closed"),
    e.OwnMicrophoneSwitched: _own_microphone,
    e.FloorRequested: _of_venue("{}申请发言", "{} asked for the floor"),
    e.FloorRequestWithdrawn: _of_venue("{}的发言申请撤销", "The request of {} was withdrawn"),
    e.FloorGranted: _of_venue("{}获得发言权", "{} was given the floor"),
    e.FloorReleased: _of_venue("{}发言结束", "{} gave the floor back"),
    e.PeopleSignedIn: _signed_in,
    e.VenueExcused: _excused,
    e.PlaceSet: _placed,
    e.PointsNoted: _noted,
    e.RecordingSwitched: _recording,
    e.DocumentAttached: _attached,
    e.DocumentShared: _shared,
    e.DocumentRemoved: _removed,
    e.CallBegan: _call_began,
    e.CallProgressed: _call_progressed,
    e.CallEnded: _call_ended,
    e.CallForgotten: _of_venue("{}的通话记录清除", "The earlier call of {} no longer counts"),
    e.CallNoiseChanged: _noise,
    e.GuestAdded: _guest_added,
    e.GuestRenamed: _guest_renamed,
    e.GuestAssigned: _guest_assigned,
}
