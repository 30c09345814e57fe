# fr: not yet translated.
