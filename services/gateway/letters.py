"""What our letters say, in 繁體中文 and English."""

import html
from collections.abc import Sequence
from typing import Literal

from services.gateway.mail import Letter

Language = Literal["zh-TW", "en"]

_PAGE = """<!doctype html><html lang="{language}"><body style="margin:0;background:#f4f6f5;padding:32px 12px;\
font:16px/1.6 system-ui,'Noto Sans TC','PingFang TC','Microsoft JhengHei',sans-serif;color:#10201d">
<div style="max-width:520px;margin:auto;background:#fff;border:1px solid #e1e7e5;border-radius:16px;\
padding:28px">
<p style="margin:0 0 16px;font-weight:700;color:#0f766e">Nexus</p>
{body}
</div></body></html>
"""
_BUTTON = (
    '<p style="margin:24px 0"><a href="{link}" style="background:#0f766e;color:#fff;text-decoration:none;'
    'padding:12px 22px;border-radius:10px;font-weight:600;display:inline-block">{word}</a></p>'
    '<p style="margin:0 0 12px;font-size:13px;color:#5b6b67;word-break:break-all">{link}</p>'
)


def written(
    to: str,
    subject: str,
    paragraphs: Sequence[str],
    *,
    language: Language,
    link: tuple[str, str] | None = None,
    keep_minutes: int = 24 * 60,
) -> Letter:
    """A letter of plain paragraphs; `link` is (words, URL) and comes after the first one."""
    texts = list(paragraphs)
    marked = [f'<p style="margin:0 0 12px">{html.escape(paragraph)}</p>' for paragraph in paragraphs]
    if link is not None:
        word, url = link
        texts.insert(1, url)
        marked.insert(1, _BUTTON.format(link=html.escape(url), word=html.escape(word)))
    return Letter(
        to,
        subject,
        "\n\n".join(texts) + "\n",
        _PAGE.format(language=language, body="\n".join(marked)),
        keep_minutes,
    )


def reset_letter(to: str, url: str, language: Language, minutes: int) -> Letter:
    """The way to a new password."""
    if language == "en":
        return written(
            to,
            "Choose a new password",
            [
                f"Somebody, probably you, asked for a new password. "
                f"The link works once, {minutes} minutes long.",
                "If it was not you, do nothing: your password stays as it is.",
            ],
            language=language,
            link=("Choose a new password", url),
            keep_minutes=minutes,
        )
    return written(
        to,
        "重設密碼",
        [
            f"有人（應該是您）要求重設密碼。此連結只能使用一次，{minutes} 分鐘內有效。",
            "如果不是您本人，請忽略此信，您的密碼不會變更。",
        ],
        language=language,
        link=("設定新密碼", url),
        keep_minutes=minutes,
    )


def confirm_letter(to: str, url: str, language: Language, minutes: int) -> Letter:
    """Proof that a new address can be read by whoever wants it."""
    if language == "en":
        return written(
            to,
            "Confirm your e-mail address",
            [
                "Confirm that you sign in with this address from now on. "
                f"The link works once, {minutes} minutes long.",
                "If you did not ask for it, do nothing.",
            ],
            language=language,
            link=("Confirm", url),
            keep_minutes=minutes,
        )
    return written(
        to,
        "確認電子郵件地址",
        [
            f"請確認今後以此地址登入。此連結只能使用一次，{minutes} 分鐘內有效。",
            "如果不是您本人要求，請忽略此信。",
        ],
        language=language,
        link=("確認", url),
        keep_minutes=minutes,
    )


# What happened to an account, told to its owner because it may have been somebody else.
NOTICES: dict[str, dict[Language, str]] = {
    "new_sign_in": {"zh-TW": "有新的瀏覽器登入您的帳號", "en": "A new browser signed in to your account"},
    "password_changed": {"zh-TW": "您的密碼已變更", "en": "Your password was changed"},
    "second_factor_on": {"zh-TW": "已啟用驗證器應用程式", "en": "An authenticator app was added"},
    "second_factor_off": {"zh-TW": "已停用驗證器應用程式", "en": "The authenticator app was removed"},
    "recovery_codes_made": {"zh-TW": "已產生新的備用碼", "en": "New recovery codes were made"},
    "recovery_code_used": {"zh-TW": "有人使用備用碼登入", "en": "A recovery code was used to sign in"},
    "passkey_added": {"zh-TW": "已新增通行密鑰", "en": "A passkey was added"},
    "passkey_removed": {"zh-TW": "已移除通行密鑰", "en": "A passkey was removed"},
    "email_changed": {
        "zh-TW": "登入用的電子郵件地址已變更",
        "en": "The address you sign in with was changed",
    },
}


def notice_letter(to: str, what: str, language: Language, facts: Sequence[str], url: str) -> Letter:
    """One of NOTICES, with when and from where; `url` is where sessions can be ended."""
    subject = NOTICES[what][language]
    if language == "en":
        more = "If it was not you: choose a new password and sign out everywhere."
        link = ("Look at my account", url)
    else:
        more = "如果不是您本人，請立即變更密碼並登出所有裝置。"
        link = ("檢視我的帳號", url)
    return written(to, subject, [subject, " · ".join(facts), more], language=language, link=link)


ROLE_WORDS: dict[Language, dict[str, str]] = {
    "zh-TW": {
        "owner": "擁有者",
        "admin": "管理者",
        "marketer": "行銷",
        "analyst": "分析",
        "viewer": "檢視者",
    },
    "en": {name: name for name in ("owner", "admin", "marketer", "analyst", "viewer")},
}


def invitation_letter(to: str, url: str, language: Language, *, shop: str, role: str, days: int) -> Letter:
    """The way into a tenant."""
    shown = ROLE_WORDS[language][role]
    if language == "en":
        subject = f"Invitation to {shop}"
        paragraphs = [
            f"You are invited to work on {shop} as {shown}. The link works once, for {days} days.",
            "If you do not know why, do nothing: without you it leads nowhere.",
        ]
        word = "Accept the invitation"
    else:
        subject = f"邀請您加入 {shop}"
        paragraphs = [
            f"您受邀以「{shown}」身分加入 {shop}。此連結只能使用一次，{days} 天內有效。",
            "如果您不認識邀請人，請忽略此信。",
        ]
        word = "接受邀請"
    return written(to, subject, paragraphs, language=language, link=(word, url), keep_minutes=days * 24 * 60)


def impersonation_letter(to: str, url: str, language: Language, *, shop: str, facts: Sequence[str]) -> Letter:
    """Tells an owner that an operator of the platform acts in their tenant."""
    if language == "en":
        subject = f"Platform support is acting in {shop}"
        more = "Everything they change is in the audit log. You can end it at any time on the team page."
        word = "Open the team page"
    else:
        subject = f"平台人員正在操作 {shop}"
        more = "所有變更都會記錄在稽核紀錄，您可隨時在成員頁面結束。"
        word = "開啟成員頁面"
    return written(to, subject, [subject, " · ".join(facts), more], language=language, link=(word, url))
