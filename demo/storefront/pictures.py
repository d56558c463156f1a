"""Draws a product: its kind's shape in the colour and pattern that its name tells, on a quiet ground."""

from zlib import crc32

from demo.storefront.catalogue import Product

# main, dark, light, ground
_COLOURS = {
    "RED": ("#c4473f", "#8f2f2a", "#fbf1ea", "#f6e3dc"),
    "PINK": ("#d98a97", "#a85a69", "#fdf3f2", "#f7e6e8"),
    "BLUE": ("#5b86a8", "#3b5f7d", "#f2f6f6", "#e1ebf1"),
    "GREEN": ("#6f9474", "#486a4f", "#f5f6ea", "#e4ede2"),
    "YELLOW": ("#dfae48", "#a1761f", "#fdf8e8", "#f8efd8"),
    "IVORY": ("#e3d2ac", "#a08a5e", "#fdfaf1", "#f1e9d8"),
    "WHITE": ("#fcfaf5", "#94a09b", "#e9eeeb", "#d9e2de"),
    "BLACK": ("#454140", "#232120", "#f3efe8", "#e6e0d8"),
    "CHOCOLATE": ("#84593f", "#573a29", "#f8eee4", "#eee1d6"),
    "SILVER": ("#aab2b5", "#6c767a", "#f6f7f6", "#e6eaea"),
    "WOOD": ("#bb8f60", "#855f38", "#fbf3e6", "#f2e7d8"),
    "PURPLE": ("#8c7aa6", "#62527c", "#f6f2f7", "#eae4ef"),
}
_WORDS = {
    **{name: name for name in _COLOURS},
    "CREAM": "IVORY",
    "REGENCY": "PINK",
    "ROSE": "PINK",
    "STRAWBERRY": "RED",
    "APPLE": "GREEN",
    "RETROSPOT": "RED",
    "SPOTTY": "RED",
    "WOODLAND": "GREEN",
    "SPACEBOY": "BLUE",
    "DOLLY": "PINK",
    "SUKI": "PURPLE",
    "DOILEY": "PURPLE",
    "WICKER": "WOOD",
    "WOODEN": "WOOD",
    "PANTRY": "YELLOW",
    "HEART": "PINK",
    "UNION": "BLUE",
    "PARTY": "BLUE",
    "SCANDINAVIAN": "BLUE",
    "ZINC": "SILVER",
    "SLATE": "WOOD",
    "METAL": "GREEN",
    "SWEETHEART": "PINK",
    "BAROQUE": "BLACK",
}
_DOTS = ("SPOT", "POLKADOT", "DOLLY", "STRAWBERRY")
_STRIPES = ("STRIPE", "DINER", "CIRCUS", "REGENCY", "PANTRY", "SUKI", "PAISLEY")
_PATTERN = {
    "dots": '<circle cx="6" cy="6" r="3.4" fill="{light}"/><circle cx="17" cy="17" r="3.4" fill="{light}"/>',
    "stripes": '<path d="M0 0h11v22H0z" fill="{light}" opacity=".32"/>',
}


def picture(product: Product) -> str:
    """An SVG document of 200 by 200."""
    main, dark, light, ground = _COLOURS[_colour(product)]
    pattern = _pattern(product.name)
    fill = main
    definition = ""
    if pattern:
        fill = "url(#p)"
        drawn = _PATTERN[pattern].format(light=light)
        definition = (
            '<defs><pattern id="p" width="22" height="22" patternUnits="userSpaceOnUse">'
            f'<path d="M0 0h22v22H0z" fill="{main}"/>{drawn}</pattern></defs>'
        )
    shape = product.kind.shape
    for letter, colour in (("A", fill), ("M", main), ("D", dark), ("L", light)):
        shape = shape.replace(f'fill="{letter}"', f'fill="{colour}"')
        shape = shape.replace(f'stroke="{letter}"', f'stroke="{colour}"')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="200" height="200">'
        f'{definition}<path d="M0 0h200v200H0z" fill="{ground}"/>'
        f'<ellipse cx="100" cy="166" rx="62" ry="7" fill="{dark}" opacity=".12"/>{shape}</svg>'
    )


def _colour(product: Product) -> str:
    """The first colour that the name tells; without one, any, but always the same."""
    told = [_WORDS[word.rstrip("S")] for word in product.name.split() if word.rstrip("S") in _WORDS]
    plain = [colour for word, colour in zip(product.name.split(), told, strict=False) if word == colour]
    names = sorted(_COLOURS)
    return (plain or told or [names[crc32(product.code.encode()) % len(names)]])[0]


def _pattern(name: str) -> str | None:
    if any(word in name for word in _DOTS):
        return "dots"
    return "stripes" if any(word in name for word in _STRIPES) else None
