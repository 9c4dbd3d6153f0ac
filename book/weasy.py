"""HTML to PDF by WeasyPrint, which needs the system's Pango. It may open our own files and nothing else."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path

from book.album import BookError

SCHEME = "paddock:"


def why_not() -> str:
    """Empty when WeasyPrint can work here, else what its loading said."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        return next(iter(str(error).splitlines()), type(error).__name__)
    return ""


def address(name: str) -> str:
    """The address by which the HTML asks for one of the registered files."""
    return SCHEME + name


def html_to_pdf(html: str, files: Mapping[str, Path]) -> tuple[bytes, int]:
    """(PDF, number of pages). files: what may be opened, by name; every other address is refused.

    The same HTML and files give the same bytes. Raises BookError for a refused address or a picture that
    can't be shown: WeasyPrint alone would leave a hole and go on.
    """
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class OurFiles(URLFetcher):  # type: ignore[misc]
        """Opens registered files only; everything else ends the rendering."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
            name = url.removeprefix(SCHEME)
            if not url.startswith(SCHEME) or name not in files:
                raise ValueError(f"refused: {url[:80]}")
            kind = "font/woff2" if name.endswith(".woff2") else "image/jpeg"
            return URLFetcherResponse(url, files[name].read_bytes(), {"Content-Type": kind})

    complaints = _Complaints()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(complaints)
    try:
        document = weasyprint.HTML(string=html, url_fetcher=OurFiles(fail_on_errors=True)).render()
        identity = hashlib.sha256(html.encode()).digest()[:16]
        pdf: bytes = document.write_pdf(pdf_identifier=identity)
    except FatalURLFetchingError as error:
        raise BookError(problem_fr=f"adresse refusée ({error}).", problem_en=f"refused address ({error}).") from error
    finally:
        logger.removeHandler(complaints)
    if complaints.errors:
        said = " ; ".join(complaints.errors)
        raise BookError(problem_fr=f"WeasyPrint signale : {said}.", problem_en=f"WeasyPrint reports: {said}.")
    return pdf, len(document.pages)


class _Complaints(logging.Handler):
    """Keeps what WeasyPrint logs as errors (a picture or font that it could not use)."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(record.getMessage())
