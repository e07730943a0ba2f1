"""The record and the minutes as files: PDF, DOCX, CSV, JSON."""
