"""The values of genes that take only some."""

from collections.abc import Mapping

from services.insight.domain.catalogue.kinds import Words

WEEKDAYS: Mapping[str, Words] = {
    "1": Words("星期一", "Monday"),
    "2": Words("星期二", "Tuesday"),
    "3": Words("星期三", "Wednesday"),
    "4": Words("星期四", "Thursday"),
    "5": Words("星期五", "Friday"),
    "6": Words("星期六", "Saturday"),
    "7": Words("星期日", "Sunday"),
}
HOURS: Mapping[str, Words] = {str(hour): Words(f"{hour} 時", f"{hour}:00") for hour in range(24)}
ACTIVITY: Mapping[str, Words] = {
    "active": Words("活躍", "active"),
    "slowing": Words("趨緩", "slowing"),
    "dormant": Words("久未造訪", "dormant"),
    "lost": Words("流失訪客", "lost"),
    "never": Words("無線上紀錄", "never online"),
}
STAGES: Mapping[str, Words] = {
    "visitor": Words("訪客", "visitor"),
    "member": Words("未購會員", "member without an order"),
    "first_time": Words("首購客", "first-time buyer"),
    "repeat": Words("回購客", "repeat buyer"),
    "loyal": Words("熟客", "loyal customer"),
}
NES: Mapping[str, Words] = {
    "n": Words("N 新客", "N new"),
    "e0": Words("E0 主力客", "E0 existing"),
    "s1": Words("S1 瞌睡客", "S1 drowsy"),
    "s2": Words("S2 半睡客", "S2 half asleep"),
    "s3": Words("S3 沉睡客", "S3 asleep"),
}
NAPL: Mapping[str, Words] = {
    "new": Words("N 首購客", "N new"),
    "active": Words("A 活躍客", "A active"),
    "sleeping": Words("P 沉睡客", "P sleeping"),
    "lost": Words("L 流失客", "L lost"),
}
REACH: Mapping[str, Words] = {
    "email": Words("電子郵件", "e-mail"),
    "line": Words("LINE", "LINE"),
    "sms": Words("簡訊", "SMS"),
}
CHANNELS: Mapping[str, Words] = {
    "web": Words("網站", "web"),
    "app": Words("App", "app"),
    "store": Words("門市", "store"),
    "marketplace": Words("電商平台", "marketplace"),
    "call": Words("電話", "call"),
    **REACH,
    "push": Words("推播", "push"),
}
