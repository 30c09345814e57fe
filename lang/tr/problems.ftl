# tr: not yet translated.
