"""What the name of a column says it is, in English and Chinese: never more than a hint."""

from __future__ import annotations

import re

Weighted = tuple[tuple[int, str], ...]

FOR: dict[str, Weighted] = {
    "member": (
        (10, "member id|customer id|user id|client id|buyer id|household id|shopper id|account id|"
             "person id|patron id|loyalty number|loyalty id|loyalty no|card number|card no|"
             "membership number|member no|member number|customer no|customer number|customer code|"
             "customer key|uid|openid|unionid|cust id|cust no|会员id|会员号|会员编号|会员卡号|"
             "客户id|客户编号|客户号|"
             "顾客id|顾客编号|用户id|用户编号|买家id|卡号"),
        (8, "member|customer|client|user|buyer|shopper|household|loyalty|cardholder|card|guest|"
            "subscriber|person|account|cust|patron|donor|会员|客户|顾客|用户|买家|持卡人"),
        (5, "phone|mobile|cell|手机|电话"),
        (4, "email|mail|邮箱"),
        (2, "id|from$|to$|name|姓名|昵称"),
    ),
    "id": (
        (10, "order id|order no|order number|order code|order|event id|transaction id|"
             "transaction no|invoice no|invoice number|invoice id|invoice|receipt|receipt no|"
             "txn|txn id|receipt id|basket id|ticket|ticket id|bill no|bill id|trade no|check no|"
             "purchase id|"
             "sale id|订单|订单号|订单编号|单号|流水号|交易号|小票|单据"),
        (5, "transaction|basket|bill|id|编号|number|no|key"),
    ),
    "time": (
        (11, "order date|order time|ordered at|ordered on|下单时间|下单日期"),
        (10, "transaction date|transaction time|transaction timestamp|invoice date|purchase date|"
             "purchase time|purchased at|sale date|event time|event date|paid at|payment time|"
             "created at|支付时间|付款时间|交易时间|消费时间|订单时间|成交时间|购买时间|订单日期"),
        (7, "date|time|datetime|timestamp|at|when|day|日期|时间"),
    ),
    "amount": (
        (12, "实付金额|实付|实收|paid amount|amount paid|total paid|支付金额|付款金额|net amount|"
             "net total|grand total"),
        (10, "amount|amt|order total|order amount|total amount|total price|line total|sales value|"
             "revenue|net sales|total$|订单金额|成交金额|消费金额|销售额|"
             "销售金额|金额|总价|总金额"),
        (7, "sale|spend|spent|turnover|dollar|value|gmv|payment|subtotal|paid|合计|流水"),
        (3, "price|价格"),
    ),
    "quantity": (
        (10, "quantity|qty|数量|件数"),
        (6, "unit|piece|item|count|num|pcs|个数"),
    ),
    "price": ((10, "unit price|price|单价|售价|价格"),),
    "joined": (
        (10, "join|joined|registered|registration|register|signup|sign up|enrolled|enrollment|"
             "member since|became member|注册|入会|开卡|加入"),
        (4, "created|created at|since|创建"),
    ),
    "birthday": ((10, "birthday|birth|birthdate|dob|生日|出生"),),
    "referrer": ((10, "referrer|referred by|inviter|invited by|推荐人|邀请人|介绍人"),),
    "reverses": (
        (10, "original order|original invoice|original id|reverses|refund of|returned order|"
             "原订单|原单"),
    ),
    "type": (
        (10, "event|event type|event name|action|activity|事件|行为"),
        (6, "type$|transaction type|order type|record type|类型$|业务类型|交易类型|订单类型"),
    ),
    "status": ((10, "status|state|order status|状态"),),
    "currency": ((10, "currency|币种|货币"),),
    "personal": (
        (10, "phone|mobile|cell|email|mail|name|address|street|surname|手机|电话|邮箱|姓名|地址|"
             "昵称|身份证"),
    ),
    "known": (
        (10, "city|province|state|country|region|postal|zip|gender|sex|age|income|salary|education|"
             "marital|birthday|dob|level|tier|segment|城市|省|地区|性别|年龄|等级|生日|标签|学历"),
    ),
    "money": (
        (10, "amount|amt|total$|price|cost|revenue|sale|spend|spent|paid|fee|tax|disc|discount|"
             "payment|dollar|subtotal|income|salary|balance|turnover|金额|价|费|税|额|实付|优惠|收入"),
    ),
}  # fmt: skip
AGAINST = {
    "member":
        "type|segment|level|tier|grade|group|status|age|since|price|point|discount|gender|birthday|"
        "city|address|count|size|comp|order|invoice|product|sku|store|shop|item|stock|good|basket|"
        "receipt|balance|country|amount|total|campaign|coupon|staff|cashier|branch|outlet|category|"
        "channel|platform|department|brand|region|manufacturer|vendor|supplier|付|款|费|留言|等级|类型|分组|状态|生日|"
        "性别|地址|折扣|积分|价|备注|优惠|店|商品|订单|单号|金额|店员|收银|城市",
    "id":
        "date|time|at|amount|total|status|type|qty|quantity|price|product|sku|customer|member|user|"
        "client|store|shop|household|campaign|coupon|phone|name|original|loyalty|year|month|count|"
        "商品|会员|客户|用户|顾客|门店|店|时间|日期|金额|数量|状态|价|手机|来源|渠道|类型|备注|原",
    "time":
        "birth|birthday|dob|ship|shipped|shipping|delivery|delivered|update|updated|modified|expire|"
        "expiry|expires|due|join|joined|registration|register|signup|since|enrollment|became|"
        "cancellation|end|zone|生日|出生|发货|收货|更新|过期|到期|注册|入会|创建会员",
    "amount":
        "discount|disc|tax|ship|shipping|fee|cost|point|tip|unit|coupon|refund|list|original|balance|"
        "count|item|quantity|qty|redeemed|method|type|status|lifetime|date|time|id|no|优惠|折扣|运费|"
        "税|积分|成本|单价|余额|退款|原价|数量|件|红包|方式|状态|类型|时间|号|编码",
    "quantity": "price|id|date|value",
    "price": "total|list|original|总|原",
    "joined": "type|channel|source|渠道|方式",
    "personal": "product|store|shop|event|item|campaign|商品|门店|店铺|活动",
    "type": "product|member|customer|card|payment|offer|campaign|promo|"
        "enrollment|商品|会员|客户|支付",
    "status": "marital|member|payment method|婚姻|会员",
}  # fmt: skip
NAMES = {
    "category": "category|product category|department|品类|类目|分类|类别|商品分类",
    "channel": "channel|platform|渠道|来源|平台",
    "store": "store|shop|branch|outlet|store id|门店|店铺|店|店铺名称|门店名称|消费门店",
    "product": "product|product name|sku|goods|商品|商品名称|宝贝标题|品名",
    "city": "city|town|城市",
    "gender": "gender|sex|性别",
    "birthday": "birthday|birth date|birthdate|dob|生日|出生日期",
    "name": "name|full name|姓名",
    "status": "status|order status|状态|订单状态",
    "phone": "phone|mobile|手机|手机号|电话",
    "quantity": "quantity|qty|数量|件数|购买数量|商品数量|宝贝总数量",
}  # what our other examples call it
BACK = "refund|refunded|return|returned|cancel|cancelled|canceled|chargeback|退|撤|冲正"
HAPPENS = (
    "order|purchase|sale|refund|return|join|login|check|view|viewed|click|review|visit|transaction|"
    "redeem|earn|购买|下单|退|签到|登录|注册|消费|订单|销售"
)
DEAD = (
    "cancel|cancelled|canceled|closed|void|voided|unpaid|failed|refused|expired|refund|refunded|"
    "returned|等待买家付款|等待付款|未支付|取消|关闭|未付|待付|待支付|失败|作废|退款|退货"
)


_RESERVED = """
all analyse analyze and any array as asc asymmetric at between both by case cast check collate
column constraint create current_date current_time current_timestamp date default deferrable
desc describe distinct do else end except exists extract false fetch for foreign from grant
group having in initially intersect interval into is isnull lambda lateral leading like limit
map not notnull null offset on only or order overlay pivot placing position primary qualify
references returning row select show some struct substring summarize symmetric table then time
timestamp to trailing trim true union unique unpivot using values variadic when where window
with
"""

# Words that DuckDB reads as something else than a column's name.
SQL_WORDS = frozenset(_RESERVED.split())


def count(number: int, one: str) -> str:
    """`1 row`, `12 rows`."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def words(name: str) -> tuple[str, ...]:
    """The words of a name: `CustomerID`, `customer_id` and `Customer Id` are the same."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    found = re.findall(r"[^\W_]+", apart.lower())
    return tuple(w[:-1] if len(w) > 3 and w.endswith("s") and w[-2] not in "su" else w
                 for w in found)  # fmt: skip


def score(name: str, role: str) -> int:
    """How well the name fits the role, 0 for not at all; one more where it says nothing else."""
    if says(name, AGAINST.get(role, "")):
        return 0
    for weight, phrases in FOR[role]:
        whole, part = _fits(name, phrases)
        if part:
            return weight + whole
    return 0


def says(name: str, phrases: str) -> bool:
    """True where one of the phrases, split by `|`, stands in the name."""
    return _fits(name, phrases)[1]


def ours(name: str) -> str | None:
    """What our other examples call a column that is called so and nothing more."""
    for our, phrases in NAMES.items():
        if any(words(p) == words(name) for p in phrases.split("|")):
            return our
    return None


def _fits(name: str, phrases: str) -> tuple[bool, bool]:
    """Whether a phrase is the whole name, and whether one is a part of it.

    `total$` is meant as the whole name only.
    """
    mine = words(name)
    whole = part = False
    for phrase in filter(None, phrases.split("|")):
        theirs = words(phrase)
        if phrase.endswith("$") and theirs != mine:  # nothing but this
            continue
        phrase = phrase.rstrip("$")
        if phrase.isascii():
            places = range(len(mine) - len(theirs) + 1)
            inside = any(mine[i : i + len(theirs)] == theirs for i in places)
        else:
            inside = phrase in name.lower()
        part |= inside
        whole |= theirs == mine
    return whole, part
