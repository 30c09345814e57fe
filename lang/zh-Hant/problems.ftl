# zh-Hant: not yet translated.
