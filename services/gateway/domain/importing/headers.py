"""What a column probably is, from its name and its first values, in English and Chinese."""

import re
import unicodedata
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from services.gateway.domain.importing.mapping import (
    CellType,
    Column,
    ImportKind,
    Mapping,
    cell_type,
)
from services.gateway.domain.importing.values import EMPTY, moment, number, truth

_NOISE = re.compile(r"[\s_\-./()（）:：#*]+")
_ANY_ZONE = ZoneInfo("UTC")

_PERSON = {
    "user_id": "userid uid memberid customerid accountid clientid member memberno customerno "
    "會員編號 會員代號 "
    "會員id 會員號碼 會員帳號 客戶編號 客戶代號 顧客編號 顧客代號 使用者編號 卡號 會員卡號",
    "anonymous_id": "anonymousid visitorid deviceid cookieid clientcookie 訪客編號 訪客id 裝置編號",
    "email": "email mail emailaddress useremail customeremail 電子郵件 電子信箱 信箱 郵件 電郵 "
    "會員信箱 會員email",
    "phone": "phone mobile mobilephone cellphone phonenumber tel telephone 手機 電話 手機號碼 "
    "行動電話 聯絡電話 "
    "電話號碼 會員手機 手機電話",
    "line_id": "lineid lineuserid lineuid line帳號 line編號",
    "message_id": "messageid eventid rowid 事件編號 訊息編號",
}
_LIST = {
    **{name: words for name, words in _PERSON.items() if name != "message_id"},
    "line_provider": "lineprovider linechannel line頻道 line官方帳號",
}
# What a list's cells tell where the name of their column does not.
_FORMS = (
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("line_id", re.compile(r"(?:[^:\s]+:)?U[0-9a-f]{32}")),
    ("phone", re.compile(r"(?:\+|00)[1-9][0-9\-\s()]{7,20}|09[0-9]{2}[\-\s]?[0-9]{3}[\-\s]?[0-9]{3}")),
)
_TIME = (
    "timestamp time eventtime datetime date createdat occurredat orderdate ordertime orderedat invoicedate "
    "purchasedate 時間 日期 訂單時間 訂單日期 下單時間 下單日期 購買時間 購買日期 交易時間 交易日期 建立時間 "
    "發生時間 消費時間 消費日期 成立時間"
)
_ITEM = {
    "product_id": "productid itemid stockcode prodid goodsid 商品編號 商品代號 商品id 產品編號 "
    "產品代號 貨號 品號",
    "sku": "sku 規格編號 商品選項貨號",
    "name": "productname itemname description producttitle 商品名稱 品名 產品名稱 商品",
    "brand": "brand brandname 品牌 品牌名稱",
    "category": "category productcategory categoryname 分類 商品分類 類別 商品類別 產品分類",
    "price": "price unitprice saleprice 價格 單價 售價 商品單價 定價 商品價格",
    "quantity": "quantity qty amountoforder 數量 件數 購買數量 銷售數量",
    "discount": "discount itemdiscount 折扣 折扣金額 優惠金額",
}
_EVENT: dict[str, str] = {
    "event": "event eventname action act activity 事件 事件名稱 行為 動作",
    "type": "type eventtype 事件類型",
    "timestamp": _TIME,
    "order_id": "orderid orderno ordernumber invoiceno invoice transactionid 訂單編號 訂單號碼 "
    "訂單代號 訂單id "
    "交易編號 交易序號 發票號碼 單號 銷售單號",
    "properties.total": "total ordertotal revenue grandtotal totalamount orderamount amount 總金額 訂單金額 "
    "訂單總額 消費金額 實付金額 付款金額 交易金額 金額 總計",
    "properties.currency": "currency currencycode 幣別 貨幣",
    "properties.coupon": "coupon couponcode promocode 優惠券 折價券 優惠碼",
    "properties.url": "url pageurl link 網址 頁面網址",
    "properties.query": "query keyword searchterm search 關鍵字 搜尋字詞 搜尋關鍵字",
    "properties.payment_method": "paymentmethod payment 付款方式 支付方式",
    "properties.status": "status orderstatus 訂單狀態 狀態",
    "context.store_id": "storeid store shopid branch 門市 門市編號 店號 分店 店別 門市代號",
    "context.staff_id": "staffid staff clerk 店員 店員編號 員工編號 銷售人員",
    "context.channel": "channel saleschannel source 通路 來源 銷售通路 訂單來源",
}
_MEMBER: dict[str, str] = {
    "traits.name": "name fullname customername membername username 姓名 會員姓名 客戶姓名 名字 顧客姓名",
    "traits.gender": "gender sex 性別",
    "traits.birthday": "birthday birthdate dateofbirth dob 生日 出生日期 會員生日 出生年月日",
    "traits.city": "city 城市 縣市 居住城市",
    "traits.address": "address 地址 住址 通訊地址",
    "traits.tier": "tier level grade membershiplevel vip 會員等級 等級 會員級別 會員卡別",
    "traits.points": "points point bonus 點數 紅利 紅利點數 會員點數",
    "traits.registered_at": "registeredat registerdate registrationdate joindate signupdate "
    "createdat 註冊時間 "
    "註冊日期 加入日期 入會日期 加入時間 會員註冊時間",
    "traits.tags": "tags tag labels 標籤 會員標籤",
    "timestamp": "updatedat modifiedat lastmodified 更新時間 異動時間 修改日期",
    "consent.email": "emailconsent emailoptin acceptsmarketing newsletter edm 同意email 訂閱電子報 電子報 "
    "同意接收電子報 edm訂閱",
    "consent.sms": "smsconsent smsoptin 同意簡訊 簡訊訂閱 同意接收簡訊",
    "consent.line": "lineconsent 同意line",
    "consent.advertising": "adconsent adsconsent advertisingconsent 同意廣告",
}
_PRODUCT: dict[str, str] = {
    **{name: text for name, text in _ITEM.items() if name not in ("sku", "quantity", "discount")},
    "product_id": _ITEM["product_id"] + " id sku 編號",
    "name": _ITEM["name"] + " name title 名稱",
    "currency": "currency 幣別",
    "url": "url link producturl 網址 商品網址 商品連結",
    "image_url": "imageurl image imagelink picture img 圖片 圖片網址 商品圖片 圖片連結",
    "in_stock": "instock available availability stockstatus 有貨 是否有貨 上架 是否上架 庫存狀態",
}
_AD_COST = {
    "date": "date day reportdate reportingstarts 日期 天 日 報表日期 分析報告開始",
    "source": "source utmsource channel platform network adnetwork 來源 流量來源 廣告來源 平台 廣告平台 媒體",
    "medium": "medium utmmedium 媒介",
    "cost": "cost costs spend adspend amount amountspent amountspenttwd "
    "花費 費用 成本 廣告費用 廣告花費 金額 花費金額 花費金額twd 支出",
    "currency": "currency currencycode 幣別 貨幣 貨幣代碼",
}
_TYPES: dict[str, CellType] = {
    **dict.fromkeys(("properties.total", "products.price", "products.discount", "traits.points"), "number"),
    "products.quantity": "number",
    "properties.price": "number",
    "properties.quantity": "number",
    "properties.discount": "number",
}


def _by_word(*vocabularies: Dict[str, str]) -> dict[str, str]:
    return {
        word: target
        for vocabulary in vocabularies
        for target, words in vocabulary.items()
        for word in words.split()
    }


_LINES = {f"products.{name}": words for name, words in _ITEM.items()}
_SINGLE = {f"properties.{name}": words for name, words in _ITEM.items()}
_WORDS: dict[ImportKind, dict[str, str]] = {
    "members": _by_word(_PERSON, _MEMBER),
    "products": _by_word(_PRODUCT),
    "events": _by_word(_SINGLE, _PERSON, _EVENT),
    "list": _by_word(_LIST),
    "gene": _by_word(_LIST),
    "ad_costs": _by_word(_AD_COST),
}
_ORDER_WORDS = _by_word(_LINES, _PERSON, _EVENT)
# A list has nowhere to keep what names nobody.
_OWN: dict[ImportKind, str] = {"events": "properties", "members": "traits", "products": "attributes"}


def suggested(
    kind: ImportKind, columns: Sequence[str], samples: Dict[str, Sequence[str]], time_zone: str
) -> Mapping:
    """A mapping to begin with: known names go where they belong, all others keep their own."""
    if kind in ("list", "gene"):
        people = _suggested_of_list(columns, samples, time_zone)
        return people if kind == "list" else _with_value(people, columns)
    if kind == "ad_costs":
        return _suggested_of_costs(columns, time_zone)
    words = _WORDS[kind]
    # A file with order numbers and no names of events holds orders, one line a product.
    found = {words.get(_folded(column)) for column in columns}
    orders = kind == "events" and "order_id" in found and not found & {"event", "type"}
    if orders:
        words = _ORDER_WORDS
    taken: set[str] = set()
    chosen: list[Column] = []
    for column in columns:
        target = words.get(_folded(column))
        if target is None or target in taken:
            target = _own_name(kind, column, taken)
        if target is None:
            continue
        taken.add(target)
        chosen.append(Column(column, target, _TYPES.get(target) or type_of(samples.get(column, ()))))
    constants = {"event": "Order Completed"} if orders else {}
    return Mapping(tuple(chosen), constants, lines_of_orders=orders, time_zone=time_zone)


def _suggested_of_list(columns: Sequence[str], samples: Dict[str, Sequence[str]], time_zone: str) -> Mapping:
    """Of a list only what names people is read."""
    targets = {column: _WORDS["list"].get(_folded(column)) for column in columns}
    if not any(targets.values()):
        targets = {column: _told_by_cells(samples.get(column, ())) for column in columns}
    if not any(targets.values()) and columns:
        targets = {columns[0]: "user_id"}
    chosen: dict[str, Column] = {}
    for column, target in targets.items():
        if target is not None:
            chosen.setdefault(target, Column(column, target))
    return Mapping(tuple(chosen.values()), time_zone=time_zone)


def _suggested_of_costs(columns: Sequence[str], time_zone: str) -> Mapping:
    """Clicks, views and campaigns stand in such reports too, and are read by nobody."""
    chosen: dict[str, Column] = {}
    for column in columns:
        if target := _WORDS["ad_costs"].get(_folded(column)):
            chosen.setdefault(target, Column(column, target, cell_type(target, "text")))
    return Mapping(tuple(chosen.values()), time_zone=time_zone)


def _with_value(people: Mapping, columns: Sequence[str]) -> Mapping:
    """The first column that names nobody holds the values; nobody but the sender knows of which gene."""
    named = {column.column for column in people.columns}
    value = next((column for column in columns if column not in named), None)
    return people if value is None else replace(people, columns=(*people.columns, Column(value, "value")))


def _told_by_cells(samples: Sequence[str]) -> str | None:
    told = [text.strip() for text in samples if text.strip()]
    return next(
        (target for target, form in _FORMS if told and all(form.fullmatch(text) for text in told)), None
    )


def type_of(samples: Sequence[str]) -> CellType:
    """The narrowest type that all samples have; text where they are too few to tell."""
    told = [text for text in samples if text.strip().casefold() not in EMPTY]
    if not told:
        return "text"
    if all(text[:1] in "{[" and text[-1:] in "}]" for text in told):
        return "json"
    # 0912345678 and 00042 are names of something, not amounts; 0 and 1 alone may be counts.
    if all(number(text) is not None and not _looks_like_a_name(text) for text in told):
        return "number"
    # One letter alone may be anything.
    if all(truth(text) is not None and not (text.isascii() and len(text) == 1) for text in told):
        return "boolean"
    # A day alone stays as it is written: a birthday is the same day in every zone.
    if all(":" in text and moment(text, _ANY_ZONE) is not None for text in told):
        return "time"
    return "text"


def _looks_like_a_name(text: str) -> bool:
    digits = text.strip()
    return (digits.startswith("0") and digits.isdigit() and len(digits) > 1) or len(digits) > 15


def _folded(column: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", column)).casefold()


def _own_name(kind: ImportKind, column: str, taken: set[str]) -> str | None:
    name = re.sub(r"[\s.\0]+", "_", column.strip())[:60].strip("_")
    target = f"{_OWN[kind]}.{name}"
    return None if not name or target in taken else target
