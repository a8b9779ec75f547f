"""The dashboard: a thin web app over the store and the reports."""

from bioklok.web.app import create_app
from bioklok.web.pages import week_html
from bioklok.web.settings import Settings

__all__ = ["Settings", "create_app", "week_html"]
