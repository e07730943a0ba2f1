"""Why a command is refused: stable codes for programs, words in both languages for people.

Each text says what is wrong and what to do. ``CATALOGUE`` lists them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from podium.conference.documents import DOCUMENTS_MOST
from podium.conference.people import PEOPLE_MOST, POINTS_MOST
from podium.values.fields import NUMBERS_MOST, TEXT_LENGTH
from podium.values.refusal import Fault as Fault
from podium.values.refusal import Refusal as Refusal

MAX_VENUES: Final = 10_000
MAX_ORGANISATIONS: Final = 20_000
MAX_AGENDA: Final = 100
MAX_OPEN_MICROPHONES: Final = 64
"""Every open microphone costs a decoder and a private mix."""
MAX_GUESTS: Final = 500


def _refuse(code: str, zh: str, en: str) -> Refusal:
    return Refusal(code, "client", zh, en)


# --- who, and when

NOT_ALLOWED: Final = _refuse(
    "not_allowed",
    "您的身份不能进行此操作。请联系会议控制员。",
    "Your role may not do this. Ask the operator of the conference.",
)
NOT_YOUR_VENUE: Final = _refuse(
    "not_your_venue",
    "会场只能为本会场操作。",
    "A venue may act for itself only.",
)
NO_SUCH_CONFERENCE: Final = _refuse(
    "no_such_conference",
    "没有这个会议。请检查链接或会议列表。",
    "There is no such conference. Check the link or the list of conferences.",
)
ALREADY_SCHEDULED: Final = _refuse(
    "already_scheduled",
    "该会议已经创建。请改用修改会议。",
    "This conference exists already. Change it instead.",
)
CONFERENCE_CLOSED: Final = _refuse(
    "conference_closed",
    "会议已经结束，不能再更改。",
    "The conference is closed; nothing in it can change any more.",
)
NOT_IN_SESSION: Final = _refuse(
    "not_in_session",
    "会议未在进行中。请先开始会议或联调。",
    "The conference is not in session. Start the session or a rehearsal first.",
)
SESSION_NOT_STARTED: Final = _refuse(
    "session_not_started",
    "会议尚未开始，议程不能计时。请先开始会议。",
    "The session has not started, so the agenda cannot run. Start the session first.",
)
ALREADY_BEGUN: Final = _refuse(
    "already_begun",
    "会议已经开始，不能再改名称和时间。",
    "The session has begun; its title and time can no longer be changed.",
)
IN_REHEARSAL: Final = _refuse(
    "in_rehearsal",
    "正在联调。请先结束联调。",
    "A rehearsal is under way. End it first.",
)
NOT_REHEARSING: Final = _refuse(
    "not_rehearsing",
    "当前没有联调。",
    "There is no rehearsal to end.",
)
REHEARSAL_TOO_LATE: Final = _refuse(
    "rehearsal_too_late",
    "会场已经入会，不能再联调。请在开放入会前联调。",
    "The conference is open already. A rehearsal must come before it opens.",
)
NOT_OPEN: Final = _refuse(
    "not_open",
    "会议尚未开放入会。请先开放入会。",
    "The conference is not open yet. Open it for the venues first.",
)
ALREADY_OPEN: Final = _refuse(
    "already_open",
    "会议已经开始，无需再开放入会。",
    "The session has begun already; there is nothing to open.",
)
NOTHING_TO_ADJOURN: Final = _refuse(
    "nothing_to_adjourn",
    "会议未在进行中，不能休会。",
    "The conference is not in session, so it cannot be adjourned.",
)

# --- what is scheduled

BAD_TEXT: Final = _refuse(
    "bad_text",
    f"名称不能为空，不能含控制字符，最长 {TEXT_LENGTH} 个字。请修改。",
    "A name or title must not be empty or hold control characters, and has at most "
    f"{TEXT_LENGTH} characters. Change it.",
)
BAD_IDENTIFIER: Final = _refuse(
    "bad_identifier",
    "标识只能包含可见字符，不能有空格，最长 64 个字符。",
    "An identifier holds visible characters without spaces, 64 at most.",
)
BAD_TIME: Final = _refuse(
    "bad_time",
    "开会时间须在一天前至五年后之间。请检查日期。",
    "The conference must start between one day ago and five years ahead. Check the date.",
)
BAD_LENGTH: Final = _refuse(
    "bad_length",
    "议程项时长须大于 0，不超过 24 小时。",
    "An agenda item must be planned for more than 0 and at most 24 hours.",
)
TOO_MANY_VENUES: Final = _refuse(
    "too_many_venues",
    f"一个会议最多 {MAX_VENUES} 个会场、{MAX_ORGANISATIONS} 个单位。",
    f"A conference has at most {MAX_VENUES} venues and {MAX_ORGANISATIONS} organisations.",
)
TOO_MANY_ITEMS: Final = _refuse(
    "too_many_items",
    f"议程最多 {MAX_AGENDA} 项。",
    f"An agenda has at most {MAX_AGENDA} items.",
)
DUPLICATE: Final = _refuse(
    "duplicate",
    "会场、单位或议程项有重复。请去掉重复项。",
    "A venue, organisation or agenda item appears twice. Remove one.",
)
UNKNOWN_ORGANISATION: Final = _refuse(
    "unknown_organisation",
    "会场或单位所属的单位不存在。请先添加该单位。",
    "A venue or organisation belongs to an organisation that is not there. Add that one first.",
)
ORGANISATION_CYCLE: Final = _refuse(
    "organisation_cycle",
    "单位不能是自己的上级。请检查隶属关系。",
    "An organisation cannot be above itself. Check who belongs to whom.",
)
SECOND_MAIN_VENUE: Final = _refuse(
    "second_main_venue",
    "一个会议只能有一个主会场。",
    "A conference has one main venue only.",
)
NO_MAIN_VENUE: Final = _refuse(
    "no_main_venue",
    "会议没有主会场。请先邀请主会场。",
    "The conference has no main venue. Invite one first.",
)
NO_SLIDES: Final = _refuse(
    "no_slides",
    "现在没有播放简报。请先播放。",
    "No briefing is being shown. Show it first.",
)
NO_SUCH_SLIDE: Final = _refuse(
    "no_such_slide",
    "简报没有这一页。请刷新页面。",
    "The briefing has no such page. Look at the number of pages again.",
)
MAIN_VENUE_NEEDED: Final = _refuse(
    "main_venue_needed",
    "会议期间不能取消或更换主会场。",
    "The main venue cannot be withdrawn or replaced while the conference is held.",
)

# --- agenda

UNKNOWN_ITEM: Final = _refuse(
    "unknown_item",
    "没有这个议程项。请刷新议程。",
    "There is no such agenda item. Look at the agenda again.",
)
ITEM_FINISHED: Final = _refuse(
    "item_finished",
    "该议程项已经结束，不能重新开始。",
    "This agenda item is finished and cannot start again.",
)
ITEM_NOT_STARTED: Final = _refuse(
    "item_not_started",
    "该议程项尚未开始。",
    "This agenda item has not started.",
)
ITEM_STARTED: Final = _refuse(
    "item_started",
    "已开始的议程项不能更改。请只提交尚未开始的议程项。",
    "Agenda items that have started stay as they are. Send only those that have not.",
)

# --- venues, program, floor

UNKNOWN_VENUE: Final = _refuse(
    "unknown_venue",
    "该会场不在本会议的邀请名单中。",
    "This venue is not invited to this conference.",
)
VENUE_NOT_HERE: Final = _refuse(
    "venue_not_here",
    "该会场尚未入会或已掉线。请等它入会后再操作，或拨打它的电话。",
    "This venue is not here, or its connection is lost. Wait until it is back, or call it.",
)
NOT_REPORTABLE: Final = _refuse(
    "not_reportable",
    "不能上报这种连接状态。",
    "This connection state cannot be reported.",
)
SAME_VENUE_TWICE: Final = _refuse(
    "same_venue_twice",
    "主画面和第二画面不能是同一会场。",
    "The main and the second picture cannot show the same venue.",
)
PREVIEW_EMPTY: Final = _refuse(
    "preview_empty",
    "预监为空，不能切出。请先选择会场；要回到主会场请用“切回主会场”。",
    "The preview is empty, so it cannot go on air. Choose a venue first, or cut to the main venue.",
)
TOO_MANY_MICROPHONES: Final = _refuse(
    "too_many_microphones",
    f"最多同时打开 {MAX_OPEN_MICROPHONES} 个话筒。请先关闭一些。",
    f"At most {MAX_OPEN_MICROPHONES} microphones can be open at once. Close some first.",
)
HOLDS_FLOOR: Final = _refuse(
    "holds_floor",
    "该会场已获得发言权。如不发言，请交回发言权。",
    "This venue has the floor already. To not speak, give the floor back.",
)

# --- for the record

TOO_MANY_PEOPLE: Final = _refuse(
    "too_many_people",
    f"一个会场最多签到 {PEOPLE_MOST} 人。请只填写主要参会人员。",
    f"At most {PEOPLE_MOST} people sign in at a venue. Name the principal ones.",
)
PERSON_TWICE: Final = _refuse(
    "person_twice",
    "签到名单中有人重复。请去掉重复的一行。",
    "Somebody is on the list twice. Remove one of the lines.",
)
TOO_MANY_POINTS: Final = _refuse(
    "too_many_points",
    f"一个议程项最多记录 {POINTS_MOST} 条要点。请合并一些。",
    f"At most {POINTS_MOST} points are noted of an agenda item. Join some of them.",
)

# --- telephone

NO_TELEPHONE: Final = _refuse(
    "no_telephone",
    "该会场没有登记电话号码。请在通讯录中补上，或直接输入号码拨打。",
    "No telephone number is known for this venue. Add one to the directory, or type a number in.",
)
BAD_NUMBER: Final = _refuse(
    "bad_number",
    "电话号码只能是 2 至 20 位数字，前面可以有加号。请修改。",
    "A telephone number has 2 to 20 digits, with a plus sign before them or not. Change it.",
)
TOO_MANY_NUMBERS: Final = _refuse(
    "too_many_numbers",
    f"一个会场最多 {NUMBERS_MOST} 个电话号码。",
    f"A venue has at most {NUMBERS_MOST} telephone numbers.",
)
TOO_MANY_GUESTS: Final = _refuse(
    "too_many_guests",
    f"一个会议最多 {MAX_GUESTS} 个来宾电话。请先移除一些。",
    f"A conference has at most {MAX_GUESTS} guest telephones. Remove some first.",
)
IDENTIFIER_TAKEN: Final = _refuse(
    "identifier_taken",
    "该标识已被其他会场或来宾使用。请换一个。",
    "This identifier belongs to another venue or guest. Choose another.",
)
NOT_A_GUEST: Final = _refuse(
    "not_a_guest",
    "没有这个来宾电话，它可能已经挂断。请刷新列表。",
    "There is no such guest telephone; it may have hung up. Look at the list again.",
)
NOT_A_VENUE: Final = _refuse(
    "not_a_venue",
    "来宾电话只能归入受邀会场。请选择一个会场。",
    "A guest telephone can be assigned to an invited venue only. Choose a venue.",
)
GUESTS_ARE_NOT_INVITED: Final = _refuse(
    "guests_are_not_invited",
    "来宾电话不能作为会场邀请。请选择主会场或分会场。",
    "A guest telephone cannot be invited as a venue. Choose main or branch.",
)
NOT_ON_TELEPHONE: Final = _refuse(
    "not_on_telephone",
    "该来宾电话没有通话。请先拨打。",
    "This guest telephone is on no call. Call it first.",
)

# --- documents

TOO_MANY_DOCUMENTS: Final = _refuse(
    "too_many_documents",
    f"一次会议最多 {DOCUMENTS_MOST} 份文件。请先撤下不用的文件。",
    f"A conference has at most {DOCUMENTS_MOST} documents. Remove some first.",
)
DOCUMENT_THERE: Final = _refuse(
    "document_there",
    "该文件已在此处。请勿重复上传。",
    "This file is there already. There is no need to attach it again.",
)
BAD_FILE_NAME: Final = _refuse(
    "bad_file_name",
    f"文件名须为 1 至 {TEXT_LENGTH} 个可见字符且不含斜线。请改名后再上传。",
    f"A file name has 1 to {TEXT_LENGTH} visible characters and no slash. Rename the file.",
)
UNKNOWN_DOCUMENT: Final = _refuse(
    "unknown_document",
    "没有这份文件。它可能已被撤下。请刷新列表。",
    "There is no such document; it may have been removed. Look at the list again.",
)

CATALOGUE: Final[Mapping[str, Refusal]] = {
    value.code: value for value in list(globals().values()) if isinstance(value, Refusal)
}
"""Every refusal of the core, by code."""
