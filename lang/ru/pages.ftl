# ru: not yet translated.
