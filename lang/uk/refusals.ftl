# uk: not yet translated.
