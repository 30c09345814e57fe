# ja: not yet translated.
