"""People who edit, without a browser: signed in, reading pages, filling in the very forms the pages have."""

from dataclasses import dataclass
from urllib.parse import urlencode

from httpx2 import Client, Response
from lxml import html
from lxml.html import FormElement, HtmlElement
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kb.access import Actor, Role
from kb.accounts import SAMPLE_SIGN_INS
from kb.service import KnowledgeBase
from web import sessions

HERE = "http://127.0.0.1"
PASSWORD = "four words nobody guesses"
ANN = Actor("Ann Weber", frozenset({Role.AUTHOR}))
BEN = Actor("Ben Okoro", frozenset({Role.APPROVER}))
ADMINISTRATOR = Actor("The administrator", frozenset({Role.ADMINISTRATOR}))


@dataclass
class Editor:
    """Somebody with a browser that keeps cookies and says where a form comes from; `page` is what they look at."""

    client: Client
    page: Response

    def go(self, address: str) -> "Editor":
        """Open an address."""
        self.page = self.client.get(address)
        return self

    @property
    def tree(self) -> HtmlElement:
        """The page they look at."""
        return html.document_fromstring(self.page.text)

    @property
    def faults(self) -> list[str]:
        """The ids of fields that say what is wrong with them, after the place the summary of errors leads to."""
        summary = self.tree.xpath("//*[contains(@class, 'govuk-error-summary')]//a/@href")
        fields = self.tree.xpath("//main//p[contains(@class, 'govuk-error-message')]/@id")
        return [*summary, *(each.removesuffix("-error") for each in fields)]

    @property
    def main(self) -> str:
        """The words of its main part."""
        return " ".join(self.tree.xpath("//main")[0].text_content().split())

    def press(self, button: str, **typed: str) -> "Editor":
        """Fill in the form that has a button with these words, and press it."""
        form, pressed = self._form(button)
        missing = set(typed) - {str(name) for name in form.xpath(".//@name")}
        assert not missing, f"The form has no field {missing}."
        values = [(name, value) for name, value in _values(form) if name not in typed]
        values += typed.items()
        if pressed.get("name"):
            values.append((pressed.get("name", ""), pressed.get("value", "")))
        return self.send(form.action or str(self.page.url), values, method=form.method)

    def send(self, address: str, values: list[tuple[str, str]], method: str = "POST", **headers: str) -> "Editor":
        """Send a form."""
        if method.upper() == "GET":
            return self.go(f"{address}?{urlencode(values)}")
        form = {"content-type": "application/x-www-form-urlencoded", **headers}
        self.page = self.client.post(address, content=urlencode(values), headers=form)
        return self

    def _form(self, button: str) -> tuple[FormElement, HtmlElement]:
        for form in self.tree.forms:
            for each in form.xpath(".//button | .//input[@type='submit']"):
                if " ".join(each.text_content().split()).startswith(button):
                    return form, each
        raise AssertionError(f"There is no button “{button}” on {self.page.url}: {self.main[:800]}")


def stranger(app: Starlette, *, base_url: str = HERE, host: str = "127.0.0.1", follow: bool = True) -> TestClient:
    """Open a browser nobody has signed in with."""
    origin = {"Origin": base_url}
    return TestClient(app, base_url=base_url, client=(host, 50_000), headers=origin, follow_redirects=follow)


def signed_in(app: Starlette, name: str, password: str) -> Editor:
    """Sign in by the form."""
    editor = Editor(client := stranger(app), client.get("/workspace/sign-in"))
    editor.press("Sign in", name=name, password=password)
    assert client.cookies.get(sessions.PLAIN), editor.main
    return editor


def sample(app: Starlette, role: Role) -> Editor:
    """Sign in as the sample's author or approver."""
    ways = {each.role: each for each in SAMPLE_SIGN_INS}
    return signed_in(app, ways[role].name, ways[role].password)


def another(app: Starlette, kb: KnowledgeBase, name: str, *roles: Role) -> Editor:
    """Give somebody an account with a password of their own, and sign them in."""
    kb.accounts.add(ADMINISTRATOR, name, roles)
    given = kb.accounts.reset(ADMINISTRATOR, name)
    token = kb.accounts.sign_in(name, given, "127.0.0.1", kb.now())
    kb.accounts.change_password(token, given, PASSWORD, "127.0.0.1", kb.now())
    return signed_in(app, name, PASSWORD)


def _values(form: FormElement) -> list[tuple[str, str]]:
    """List what a browser would send of a form nobody has touched."""
    found: list[tuple[str, str]] = []
    for field in form.xpath(".//input[@name] | .//select[@name] | .//textarea[@name]"):
        name, kind = field.get("name", ""), field.get("type", "")
        if field.tag == "select":
            chosen = field.xpath("./option[@selected]") or field.xpath("./option[1]")
            found += [(name, option.get("value", "")) for option in chosen]
        elif field.tag == "textarea":
            found.append((name, (field.text or "").removeprefix("\n").replace("\n", "\r\n")))
        elif kind in {"radio", "checkbox"}:
            found += [(name, field.get("value", "on"))] if field.get("checked") is not None else []
        elif kind not in {"submit", "file"}:
            found.append((name, field.get("value", "")))
    return found
