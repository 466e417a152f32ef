-- What the client that began an upload said about it, verbatim: tus wants it said again to who asks.
ALTER TABLE upload ADD COLUMN metadata TEXT NOT NULL DEFAULT '';
