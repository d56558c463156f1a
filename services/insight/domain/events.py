"""What an event is called here, on which channel it happened, and whether it is a visit."""

import re

# Every spelling of EVENTS.md (Segment, GA4, Etu acts) without case, spaces, underscores and hyphens.
_SPELLINGS = {
    "page": ("page", "pageview", "pageviewed"),
    "screen": ("screen", "screenview", "screenviewed"),
    "product_viewed": ("productviewed", "viewitem", "view"),
    "product_list_viewed": ("productlistviewed", "viewitemlist"),
    "product_clicked": ("productclicked", "selectitem"),
    "products_searched": ("productssearched", "search", "viewsearchresults"),
    "product_added": ("productadded", "addtocart", "cart"),
    "product_removed": ("productremoved", "removefromcart"),
    "cart_viewed": ("cartviewed", "viewcart"),
    "checkout_started": ("checkoutstarted", "begincheckout"),
    "order_completed": ("ordercompleted", "purchase", "order"),
    "order_updated": ("orderupdated",),
    "order_refunded": ("orderrefunded", "refund"),
    "order_cancelled": ("ordercancelled", "ordercanceled"),
    "wishlist_added": ("wishlistadded", "productaddedtowishlist", "addtowishlist", "like"),
    "wishlist_removed": ("wishlistremoved", "productremovedfromwishlist"),
    "product_shared": ("productshared", "share"),
    "article_read": ("articleread",),
    "signed_up": ("signedup", "signup"),
    "signed_in": ("signedin", "login"),
    "signed_out": ("signedout", "logout"),
    "promotion_viewed": ("promotionviewed", "viewpromotion"),
    "promotion_clicked": ("promotionclicked", "selectpromotion"),
    "products_compared": ("productscompared",),
    "coupon_applied": ("couponapplied",),
    "coupon_issued": ("couponissued",),
    "coupon_redeemed": ("couponredeemed",),
    "coupon_expired": ("couponexpired",),
    "points_changed": ("pointschanged",),
    "credit_changed": ("creditchanged",),
    "tier_changed": ("tierchanged",),
    "form_submitted": ("formsubmitted",),
    "product_reviewed": ("productreviewed",),
    "feedback_given": ("feedbackgiven",),
    "line_followed": ("linefollowed",),
    "line_unfollowed": ("lineunfollowed",),
    "account_linked": ("accountlinked",),
    "message_delivered": ("messagedelivered", "emaildelivered"),
    "message_opened": ("messageopened", "emailopened"),
    "message_clicked": ("messageclicked", "emaillinkclicked"),
    "message_bounced": ("messagebounced", "emailbounced"),
    "message_replied": ("messagereplied",),
    "message_unsubscribed": ("messageunsubscribed", "unsubscribed"),
    "recommendation_shown": ("recommendationshown",),
    "recommendation_clicked": ("recommendationclicked",),
}
_CANONICAL = {spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings}
_SEPARATORS = re.compile(r"[\s_\-]+")

ORDER_EVENTS = frozenset({"order_completed", "order_updated", "order_refunded", "order_cancelled"})

# Told by the shop or by us about a person, not done by the person.
_NOT_AN_ACT = frozenset(
    {
        "identify",
        "group",
        "alias",
        "order_updated",
        "order_refunded",
        "order_cancelled",
        "promotion_viewed",
        "coupon_issued",
        "coupon_expired",
        "points_changed",
        "credit_changed",
        "tier_changed",
        "line_followed",
        "line_unfollowed",
        "account_linked",
    }
)
# For who asks for these events in SQL.
NO_ACTS = _NOT_AN_ACT
_OWN_CHANNELS = frozenset({"web", "app"})
_NO_VISIT_CHANNELS = frozenset({"server", "store", "call"})

_CHANNEL_NAMES = {"browser": "web", "mobile": "app"}
_APP_LIBRARY = re.compile(
    r"ios|android|swift|kotlin|react-?native|flutter|xamarin|unity|mobile", re.IGNORECASE
)
_BROWSER_LIBRARY = re.compile(
    r"analytics\.js|analytics-next|javascript|browser|web|snippet|gtag", re.IGNORECASE
)
_CHANNEL_LENGTH = 32


def canonical_name(kind: str, name: str) -> str:
    """The canonical name (product_viewed); the name as sent where EVENTS.md knows none.

    Calls other than track are named for their kind: a page's own name is a property, not an event.
    """
    if kind != "track":
        return kind
    return _CANONICAL.get(_SEPARATORS.sub("", name).lower(), name.strip())


def channel(*, said: str, library: str, device: bool, kind: str) -> str:
    """Where it happened: `said` (context.channel) when given, else by SDK; "unknown" when nothing tells.

    `device` is whether the context describes a phone or tablet an app runs on.
    """
    said = said.strip().lower()
    if said:
        return _CHANNEL_NAMES.get(said, said[:_CHANNEL_LENGTH])
    if kind == "screen" or device or (library and _APP_LIBRARY.search(library)):
        return "app"
    if library and _BROWSER_LIBRARY.search(library):
        return "web"
    return "unknown"


def is_visit(name: str, where: str) -> bool:
    """Whether the event is the person's own act on web or app; a mail blast makes nobody active."""
    if where in _NO_VISIT_CHANNELS or name in _NOT_AN_ACT:
        return False
    if name == "order_completed":
        # An order of unknown channel may be the shop's own report.
        return where in _OWN_CHANNELS
    if name.endswith("_clicked"):
        return True
    return not (name.startswith("message_") or name.endswith("_shown"))
