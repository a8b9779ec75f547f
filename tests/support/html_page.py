"""A page as a test reads it: well formed or not, its words, links and ids. No tests here."""

from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Checks that tags close in order; collects text, links and ids."""

    def __init__(self, html):
        super().__init__()
        self.open, self.text, self.links, self.ids, self.tags = [], [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append(tag)
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        self.links += [attributes[name] for name in ("href", "src") if name in attributes]
        if "id" in attributes:
            assert attributes["id"] not in self.ids
            self.ids.append(attributes["id"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def words(html):
    return " ".join(" ".join(Page(html).text).split())
