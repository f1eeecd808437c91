"""Django's {% load i18n %}, but {% translate "words" %} asks the catalog once per language. A page has twenty of them.
A {% blocktranslate %} that fills nothing in does so, too.
"""

from django.template import Context, Library, Node
from django.template.base import Parser, Token, TokenType
from django.templatetags import i18n
from django.utils.translation import get_language

register = Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class Constant(Node):
    child_nodelists = ()

    def __init__(self, node: Node) -> None:
        self.node = node
        self.kept: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        words = self.kept.get(language)
        if words is None:
            words = self.kept[language] = self.node.render(context)
        return words


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    node = i18n.do_translate(parser, token)
    words = node.filter_expression
    is_constant = words.var.literal is not None and not words.filters and len(token.split_contents()) == 2
    return Constant(node) if is_constant else node


@register.tag
def blocktranslate(parser: Parser, token: Token) -> Node:
    node = i18n.do_block_translate(parser, token)
    fills = node.countervar or node.asvar or node.message_context or any(part.token_type == TokenType.VAR for part in node.singular)
    return node if fills else Constant(node)
