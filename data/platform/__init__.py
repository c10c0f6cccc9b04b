"""The platform at the other end: what is asked of it, how it is signed, sent and recorded."""
