//! An event loop that speaks HTTP/1.1 and withstands what the open net throws at it.
