# zh-Hans: not yet translated.
