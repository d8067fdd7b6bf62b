"""The language server: the protocol on standard input and output, as editors start it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TypeVar

from lsprotocol import types as lsp
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer

from .. import __version__
from ..base.findings import Finding, Severity
from ..base.places import Place
from . import knowing
from .texts import Position, Text

_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
}


P = TypeVar("P")
R = TypeVar("R")


class _Server(LanguageServer):
    def report_server_error(self, error: Exception, source: object) -> None:
        """Tell the editor of a bug by its type alone."""
        said = f"mailwright: internal error: {type(error).__name__}; this is a bug in mailwright, please report it"
        self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, said))


def serve(product_version: str | None = None) -> None:
    """Answer until the editor says that it is enough.

    Args:
        product_version: The product release of files that name none; None checks every one.
    """
    library = logging.getLogger("pygls")  # it logs messages, which hold the text of documents
    library.addHandler(logging.NullHandler())
    library.propagate = False
    make_server(product_version).start_io()


def make_server(product_version: str | None = None) -> LanguageServer:
    """Return the server."""
    server = _Server("mailwright", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)

    def guarded(answer: Callable[[P], R]) -> Callable[[P], R | None]:
        """Keep what an internal error says to ourselves: its texts and its traceback could hold a secret of the document."""

        @wraps(answer)
        def safe(params: P) -> R | None:
            try:
                return answer(params)
            except Exception as error:
                server.report_server_error(error, FeatureRequestError)
                return None

        return safe

    def text_of(uri: str) -> Text:
        return Text(knowing.path_of(uri), server.workspace.get_text_document(uri).source)

    def tell(uri: str) -> None:
        text = text_of(uri)
        found = [_diagnostic(finding, text) for finding in knowing.findings(text, product_version)]
        server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found))

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    @guarded
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        tell(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    @guarded
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        tell(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    @guarded
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    @guarded
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        said = knowing.meaning(text_of(params.text_document.uri), _position(params.position))
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, f"```text\n{said}\n```")) if said else None

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=["{", "=", ":", " "]))
    @guarded
    def completed(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        found = knowing.offers(text_of(params.text_document.uri), _position(params.position))
        kinds = {True: lsp.CompletionItemKind.Property, False: lsp.CompletionItemKind.Value}
        return [lsp.CompletionItem(one.label, insert_text=one.text, detail=one.detail, kind=kinds[one.is_key]) for one in found]

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    @guarded
    def defined(params: lsp.DefinitionParams) -> lsp.Location | None:
        uri = params.text_document.uri
        text = text_of(uri)
        place = knowing.definition(text, _position(params.position))
        return lsp.Location(uri, _range(text, place, place)) if place and place.file == text.name else None

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix]))
    @guarded
    def mended(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        uri = params.text_document.uri
        text = text_of(uri)
        found = (item for item in knowing.findings(text, product_version) if knowing.mends(item, text))
        return [_action(item, text, uri) for item in found if _touches(_diagnostic(item, text).range, params.range)]

    return server


def _position(position: lsp.Position) -> Position:
    return Position(position.line, position.character)


def _range(text: Text, start: Place, end: Place) -> lsp.Range:
    first, last = text.position(start), text.position(end)
    return lsp.Range(lsp.Position(first.line, first.character), lsp.Position(last.line, last.character))


def _diagnostic(finding: Finding, text: Text) -> lsp.Diagnostic:
    place = finding.place if finding.place.file == text.name else Place(text.name, 1, 1)
    excerpt = finding.excerpt
    length = excerpt.length if excerpt and excerpt.line == place.line and place.file == finding.place.file else 0
    end = place._replace(column=place.column + max(1, length))
    said = "\n".join(
        filter(None, (finding.words if place is finding.place else f"{finding.place}: {finding.words}", finding.hint))
    )
    return lsp.Diagnostic(
        _range(text, place, end),
        said,
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        source="mailwright",
    )


def _action(finding: Finding, text: Text, uri: str) -> lsp.CodeAction:
    assert finding.fix is not None
    edits: Iterable[lsp.TextEdit] = (lsp.TextEdit(_range(text, edit.start, edit.end), edit.text) for edit in finding.fix.edits)
    return lsp.CodeAction(
        f"{finding.rule}: {finding.fix.title}",
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[_diagnostic(finding, text)],
        edit=lsp.WorkspaceEdit(changes={uri: list(edits)}),
        is_preferred=True,
    )


def _touches(one: lsp.Range, other: lsp.Range) -> bool:
    return (one.start.line, one.start.character) <= (other.end.line, other.end.character) and (
        other.start.line,
        other.start.character,
    ) <= (one.end.line, one.end.character)
