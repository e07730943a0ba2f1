"""What the telephone says, in Chinese and English. ``scripts/prompts.py`` renders it.

The pinyin is what is read aloud: the free voices read no characters. Tones are numbers, 5 is
neutral.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


class Prompt(StrEnum):
    """A thing to say. The value names its file: ``zh/welcome.wav``."""

    WELCOME = "welcome"
    ENTER_PIN = "enter_pin"
    NO_KEYS = "no_keys"
    PIN_WRONG = "pin_wrong"
    PIN_FAILED = "pin_failed"
    PIN_LOCKED = "pin_locked"
    STRANGERS_LOCKED = "strangers_locked"
    AGAIN_1_MINUTE = "again_1_minute"
    AGAIN_5_MINUTES = "again_5_minutes"
    AGAIN_15_MINUTES = "again_15_minutes"
    AGAIN_30_MINUTES = "again_30_minutes"
    AGAIN_1_HOUR = "again_1_hour"
    AGAIN_2_HOURS = "again_2_hours"
    AGAIN_4_HOURS = "again_4_hours"
    PIN_REVOKED = "pin_revoked"
    GOODBYE = "goodbye"
    INVITED = "invited"
    FALLBACK = "fallback"
    JOINED_VENUE = "joined_venue"
    JOINED_GUEST = "joined_guest"
    NOW_VENUE = "now_venue"
    KEYS = "keys"
    NOT_BEGUN = "not_begun"
    CALL_LATER = "call_later"
    REHEARSAL = "rehearsal"
    IN_SESSION = "in_session"
    ADJOURNED = "adjourned"
    OVER = "over"
    FLOOR_ASKED = "floor_asked"
    FLOOR_WITHDRAWN = "floor_withdrawn"
    FLOOR_GRANTED = "floor_granted"
    FLOOR_ENDED = "floor_ended"
    FLOOR_NOT_NOW = "floor_not_now"
    MICROPHONE_OPEN = "microphone_open"
    MICROPHONE_CLOSED = "microphone_closed"
    VIDEO_BACK = "video_back"
    OTHER_CALL = "other_call"
    DROPPED = "dropped"
    NO_CONFERENCE = "no_conference"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Words:
    """One prompt's text; ``pinyin`` is the reading of ``zh``."""

    zh: str
    pinyin: str
    en: str


def _again(zh: str, pinyin: str, en: str) -> Words:
    return Words(
        f"请在{zh}后再拨，或请控制员给您打电话。再见。",
        f"qing3 zai4 {pinyin} hou4 zai4 bo1, huo4 qing3 kong4zhi4yuan2 gei3 nin2 da3 dian4hua4. "
        "zai4jian4.",
        f"Please call again in {en}, or ask the operator to call you. Goodbye.",
    )


AGAIN: Final[Mapping[int, Prompt]] = {
    60: Prompt.AGAIN_1_MINUTE,
    300: Prompt.AGAIN_5_MINUTES,
    900: Prompt.AGAIN_15_MINUTES,
    1800: Prompt.AGAIN_30_MINUTES,
    3600: Prompt.AGAIN_1_HOUR,
    7200: Prompt.AGAIN_2_HOURS,
    14400: Prompt.AGAIN_4_HOURS,
}
"""By seconds, rising."""


def again_in(seconds: float) -> Prompt:
    """When to call again; rounded up, for who comes too early is locked out once more."""
    return next((said for until, said in AGAIN.items() if seconds <= until), Prompt.AGAIN_4_HOURS)


TEXTS: Final[Mapping[Prompt, Words]] = {
    Prompt.WELCOME: Words(
        "欢迎参加会议。请输入密码，按井号键结束。",
        "huan1ying2 can1jia1 hui4yi4. qing3 shu1ru4 mi4ma3, an4 jing3hao4jian4 jie2shu4.",
        "Welcome to the conference. Please enter your pin, then press hash. "
        "For English only, press star.",
    ),
    Prompt.ENTER_PIN: Words(
        "请输入密码，按井号键结束。",
        "qing3 shu1ru4 mi4ma3, an4 jing3hao4jian4 jie2shu4.",
        "Please enter your pin, then press hash.",
    ),
    Prompt.NO_KEYS: Words(
        "没有收到按键。",
        "mei2you3 shou1dao4 an4jian4.",
        "No key was pressed.",
    ),
    Prompt.PIN_WRONG: Words(
        "密码不正确，请重新输入。",
        "mi4ma3 bu2 zheng4que4, qing3 chong2xin1 shu1ru4.",
        "This pin is not right. Please enter it again.",
    ),
    Prompt.PIN_FAILED: Words(
        "密码不正确，请与会议控制员联系。再见。",
        "mi4ma3 bu2 zheng4que4, qing3 yu3 hui4yi4 kong4zhi4yuan2 lian2xi4. zai4jian4.",
        "This pin is not right. Please ask the operator of the conference. Goodbye.",
    ),
    Prompt.PIN_LOCKED: Words(
        "密码错误次数过多。",
        "mi4ma3 cuo4wu4 ci4shu4 guo4duo1.",
        "There were too many wrong pins.",
    ),
    Prompt.STRANGERS_LOCKED: Words(
        "由于密码错误次数过多，未登记的电话目前不能入会。",
        "you2yu2 mi4ma3 cuo4wu4 ci4shu4 guo4duo1, wei4 deng1ji4 de5 dian4hua4 mu4qian2 "
        "bu4neng2 ru4hui4.",
        "After too many wrong pins, telephones that are not known here cannot come in at present.",
    ),
    Prompt.AGAIN_1_MINUTE: _again("一分钟", "yi1 fen1zhong1", "one minute"),
    Prompt.AGAIN_5_MINUTES: _again("五分钟", "wu3 fen1zhong1", "five minutes"),
    Prompt.AGAIN_15_MINUTES: _again("十五分钟", "shi2wu3 fen1zhong1", "fifteen minutes"),
    Prompt.AGAIN_30_MINUTES: _again("三十分钟", "san1shi2 fen1zhong1", "thirty minutes"),
    Prompt.AGAIN_1_HOUR: _again("一小时", "yi4 xiao3shi2", "one hour"),
    Prompt.AGAIN_2_HOURS: _again("两小时", "liang3 xiao3shi2", "two hours"),
    Prompt.AGAIN_4_HOURS: _again("四小时", "si4 xiao3shi2", "four hours"),
    Prompt.PIN_REVOKED: Words(
        "您的入会密码已作废，请与会议控制员联系。再见。",
        "nin2 de5 ru4hui4 mi4ma3 yi3 zuo4fei4, qing3 yu3 hui4yi4 kong4zhi4yuan2 lian2xi4. "
        "zai4jian4.",
        "Your pin is no longer valid. Please ask the operator of the conference. Goodbye.",
    ),
    Prompt.GOODBYE: Words("再见。", "zai4jian4.", "Goodbye."),
    Prompt.INVITED: Words(
        "您好，现在请您参加电话会议。入会请按一。",
        "nin2hao3, xian4zai4 qing3 nin2 can1jia1 dian4hua4 hui4yi4. ru4hui4 qing3 an4 yi1.",
        "This is a call from your conference. To join, press one.",
    ),
    Prompt.FALLBACK: Words(
        "您好，会场视频已中断。用电话继续参加会议，请按一。",
        "nin2hao3, hui4chang3 shi4pin2 yi3 zhong1duan4. yong4 dian4hua4 ji4xu4 can1jia1 hui4yi4, "
        "qing3 an4 yi1.",
        "The video of your venue is lost. To go on by telephone, press one.",
    ),
    Prompt.JOINED_VENUE: Words(
        "您已代表本会场入会。",
        "nin2 yi3 dai4biao3 ben3 hui4chang3 ru4hui4.",
        "You have joined as your venue.",
    ),
    Prompt.JOINED_GUEST: Words(
        "您已作为来宾入会，控制员将确认您的会场。",
        "nin2 yi3 zuo4wei2 lai2bin1 ru4hui4, kong4zhi4yuan2 jiang1 que4ren4 nin2 de5 hui4chang3.",
        "You have joined as a guest. The operator will tell your venue.",
    ),
    Prompt.NOW_VENUE: Words(
        "您的会场已确认。",
        "nin2 de5 hui4chang3 yi3 que4ren4.",
        "You now stand for your venue.",
    ),
    Prompt.KEYS: Words(
        "申请发言请按一，查询状态请按零。",
        "shen1qing3 fa1yan2 qing3 an4 yi1, cha2xun2 zhuang4tai4 qing3 an4 ling2.",
        "To ask for the floor, press one. To hear your state, press zero.",
    ),
    Prompt.NOT_BEGUN: Words(
        "会议尚未开始，请稍候。",
        "hui4yi4 shang4wei4 kai1shi3, qing3 shao1hou4.",
        "The conference has not begun. Please wait.",
    ),
    Prompt.CALL_LATER: Words(
        "会议尚未开始，请在开会前再拨。再见。",
        "hui4yi4 shang4wei4 kai1shi3, qing3 zai4 kai1hui4 qian2 zai4 bo1. zai4jian4.",
        "The conference has not begun. Please call again when it is due. Goodbye.",
    ),
    Prompt.REHEARSAL: Words("正在联调。", "zheng4zai4 lian2tiao2.", "This is a rehearsal."),
    Prompt.IN_SESSION: Words(
        "会议正在进行。", "hui4yi4 zheng4zai4 jin4xing2.", "The conference is in session."
    ),
    Prompt.ADJOURNED: Words(
        "会议休会，请不要挂机。",
        "hui4yi4 xiu1hui4, qing3 bu2yao4 gua4ji1.",
        "The conference is adjourned. Please stay on the line.",
    ),
    Prompt.OVER: Words(
        "会议已经结束。再见。",
        "hui4yi4 yi3jing1 jie2shu4. zai4jian4.",
        "The conference is over. Goodbye.",
    ),
    Prompt.FLOOR_ASKED: Words(
        "您已申请发言，请等候。再按一取消申请。",
        "nin2 yi3 shen1qing3 fa1yan2, qing3 deng3hou4. zai4 an4 yi1 qu3xiao1 shen1qing3.",
        "You have asked for the floor. To withdraw, press one again.",
    ),
    Prompt.FLOOR_WITHDRAWN: Words(
        "发言申请已取消。",
        "fa1yan2 shen1qing3 yi3 qu3xiao1.",
        "Your request for the floor is withdrawn.",
    ),
    Prompt.FLOOR_GRANTED: Words("请您发言。", "qing3 nin2 fa1yan2.", "You have the floor."),
    Prompt.FLOOR_ENDED: Words(
        "您的发言已结束。", "nin2 de5 fa1yan2 yi3 jie2shu4.", "You no longer have the floor."
    ),
    Prompt.FLOOR_NOT_NOW: Words(
        "现在不能申请发言。",
        "xian4zai4 bu4neng2 shen1qing3 fa1yan2.",
        "You cannot ask for the floor now.",
    ),
    Prompt.MICROPHONE_OPEN: Words(
        "话筒已打开。", "hua4tong3 yi3 da3kai1.", "Your microphone is open."
    ),
    Prompt.MICROPHONE_CLOSED: Words(
        "话筒已关闭。", "hua4tong3 yi3 guan1bi4.", "Your microphone is closed."
    ),
    Prompt.VIDEO_BACK: Words(
        "会场视频已恢复，本次通话结束。再见。",
        "hui4chang3 shi4pin2 yi3 hui1fu4, ben3ci4 tong1hua4 jie2shu4. zai4jian4.",
        "The video of your venue is back, so this call ends. Goodbye.",
    ),
    Prompt.OTHER_CALL: Words(
        "本会场已从另一部电话入会。再见。",
        "ben3 hui4chang3 yi3 cong2 ling4 yi2bu4 dian4hua4 ru4hui4. zai4jian4.",
        "Your venue has joined by another telephone. Goodbye.",
    ),
    Prompt.DROPPED: Words(
        "控制员已结束本次通话。再见。",
        "kong4zhi4yuan2 yi3 jie2shu4 ben3ci4 tong1hua4. zai4jian4.",
        "The operator has ended this call. Goodbye.",
    ),
    Prompt.NO_CONFERENCE: Words(
        "目前没有您的会议。再见。",
        "mu4qian2 mei2you3 nin2 de5 hui4yi4. zai4jian4.",
        "There is no conference for you at present. Goodbye.",
    ),
    Prompt.TROUBLE: Words(
        "系统暂时不能接入，请稍后再拨。再见。",
        "xi4tong3 zan4shi2 bu4neng2 jie1ru4, qing3 shao1hou4 zai4 bo1. zai4jian4.",
        "You cannot be put through at present. Please call again later. Goodbye.",
    ),
}
